//! What was probably meant by an ARN or operation that nothing is called. Rule: JOB-8, UI-33.

use preclear_model::Arn;
use strsim::damerau_levenshtein;

/// Distances are quadratic in the length; no name in question is longer.
const NAME_MAX: usize = 128;
/// So many letters may differ in the name of an operation, of a short one a third; its words are too much alike for more.
const OPERATION_DISTANCE_MAX: usize = 3;
/// Letters that the name of an operation has at least that may be short for another.
const SHORT_NAME_MIN: usize = 8;

/// The ARN of the same kind whose name is nearest, if one is near: a third of the letters of the name may differ,
/// and account, Region and path do not keep two from being near.
pub(crate) fn nearest_arn(
    text: &str,
    candidates: impl IntoIterator<Item = String>,
) -> Option<String> {
    let wanted = Named::of(text)?;
    candidates
        .into_iter()
        .filter_map(|candidate| Some((wanted.distance(&Named::of(&candidate)?)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How far the names of two ARNs are apart, if they are near. As in [`nearest_arn`].
pub(crate) fn name_distance(one: &str, other: &str) -> Option<usize> {
    let (distance, _) = Named::of(one)?.distance(&Named::of(other)?)?;
    Some(distance)
}

/// The operation that is spelled nearly so; without its service it is found as well.
pub(crate) fn nearest_operation<'c>(
    asked: &str,
    known: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    if asked.len() > NAME_MAX {
        return None;
    }
    let folded = asked.to_lowercase();
    let spelled = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        match candidate.split_once(':') {
            Some((_, name)) if !folded.contains(':') => name.to_owned(),
            _ => candidate,
        }
    };
    // One name may also be short for the other.
    let is_short = |spelled: &str| {
        let (one, other) = (folded.as_str(), spelled);
        let (short, long) = if one.len() < other.len() {
            (one, other)
        } else {
            (other, one)
        };
        let name = short.split_once(':').map_or(short, |(_, name)| name);
        name.len() >= SHORT_NAME_MIN && long.starts_with(short)
    };
    let near = |candidate: &'c str| {
        let spelled = spelled(candidate);
        let distance = damerau_levenshtein(&folded, &spelled);
        let distance_max = OPERATION_DISTANCE_MAX.min(spelled.len() / 3);
        let is_near = distance <= distance_max || is_short(&spelled);
        is_near.then_some((distance, candidate))
    };
    let nearest = known.into_iter().filter_map(near).min();
    nearest.map(|(_, candidate)| candidate)
}

/// An ARN as people confuse it: by its name.
struct Named {
    service: String,
    kind: String,
    name: String,
    /// What stands around the name: partition, Region, account and path.
    rest: String,
}

impl Named {
    fn of(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let (service, resource) = (arn.service(), arn.resource());
        let (kind, rest) = match service {
            "s3" => ("", resource.split('/').next().unwrap_or(resource)),
            _ => resource.split_once(['/', ':']).unwrap_or(("", resource)),
        };
        let (path, name) = match service {
            "lambda" => ("", rest.split(':').next().unwrap_or(rest)),
            "kms" => ("", rest),
            _ => rest.rsplit_once('/').unwrap_or(("", rest)),
        };
        let fits = !name.is_empty() && text.len() <= 4 * NAME_MAX && name.len() <= NAME_MAX;
        fits.then(|| Self {
            service: service.to_owned(),
            kind: kind.to_owned(),
            name: name.to_lowercase(),
            rest: format!("{}{}{}{path}", arn.partition(), arn.region(), arn.account()),
        })
    }

    /// Distance of the names, then of what stands around them; `None` if they are not near.
    fn distance(&self, other: &Self) -> Option<(usize, usize)> {
        if (&self.service, &self.kind) != (&other.service, &other.kind) {
            return None;
        }
        let distance = damerau_levenshtein(&self.name, &other.name);
        let length = other.name.chars().count();
        let longer = length.max(self.name.chars().count());
        // Names with nothing in common are two, however short.
        let is_near = distance <= length.max(3) / 3 && distance < longer;
        is_near.then(|| (distance, damerau_levenshtein(&self.rest, &other.rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(text: &str, candidates: &[&str]) -> Option<String> {
        nearest_arn(text, candidates.iter().map(|text| (*text).to_owned()))
    }

    #[test]
    fn names_count_more_than_what_stands_around_them() {
        let roles = [
            "arn:aws:iam::111122223333:role/service-role/example-role",
            "arn:aws:iam::111122223333:role/Labeler",
            "arn:aws:iam::111122223333:user/exampel-role",
        ];
        let found = |text: &str| arn(text, &roles);
        assert_eq!(
            found("arn:aws:iam::111122223333:role/example-role").as_deref(),
            Some(roles[0])
        );
        assert_eq!(
            found("arn:aws:iam::111122223334:role/labeller").as_deref(),
            Some(roles[1])
        );
        assert_eq!(found("arn:aws:iam::111122223333:role/Recommender"), None);
        let short = "arn:aws:iam::111122223333:user/x";
        assert_eq!(arn(short, &["arn:aws:iam::111122223333:user/b"]), None);
        let longer = "arn:aws:iam::111122223333:user/xx";
        assert_eq!(arn(longer, &[short]).as_deref(), Some(short));
        assert_eq!(found("Labeler"), None, "no ARN");
    }

    #[test]
    fn buckets_functions_and_aliases_have_names_of_their_own() {
        let bucket = "arn:aws:s3:::team-sagemaker-in";
        assert_eq!(
            arn("arn:aws:s3:::team-sagemaker-inn/m.json", &[bucket]).as_deref(),
            Some(bucket)
        );
        let function = "arn:aws:lambda:us-west-2:111122223333:function:my-pre";
        let typed = "arn:aws:lambda:us-west-2:111122223333:function:my-prev:live";
        assert_eq!(arn(typed, &[function]).as_deref(), Some(function));
        let alias = "arn:aws:kms:us-west-2:111122223333:alias/volume";
        let typed = "arn:aws:kms:us-west-2:111122223333:alias/volumes";
        assert_eq!(arn(typed, &[alias]).as_deref(), Some(alias));
        assert_eq!(arn(&typed.replace("alias", "key"), &[alias]), None);
    }

    #[test]
    fn endless_texts_are_near_to_nothing() {
        let endless = format!("arn:aws:s3:::{}", "b".repeat(1_000_000));
        assert_eq!(arn(&endless, &["arn:aws:s3:::b", &endless]), None);
        assert_eq!(nearest_operation(&endless, ["a:B"]), None);
    }

    #[test]
    fn operations_are_near_by_spelling_alone() {
        let known = [
            "personalize:CreateDatasetGroup",
            "sagemaker:CreateLabelingJob",
        ];
        let found = |asked: &str| nearest_operation(asked, known);
        assert_eq!(found("sagemaker:CreateLabellingJob"), Some(known[1]));
        assert_eq!(found("CreateLabelingJob"), Some(known[1]));
        assert_eq!(found("sagemaker:CreateLabeling"), Some(known[1]), "short");
        assert_eq!(found("sagemaker:CreateTrainingJob"), None);
        assert_eq!(found("sagemaker:DeleteDatasetGroup"), None);
        assert_eq!(found(""), None);
        assert_eq!(nearest_operation("s3", ["dynamodb:Scan"]), None);
    }
}
