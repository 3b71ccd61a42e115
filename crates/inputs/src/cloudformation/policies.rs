//! The policies in a template, for readers that look at documents and load nothing. Rule: UI-22
//!
//! What the template determines stands in them. For the rest a guess does, and two that have nothing in common are made of each policy:
//! only what holds of both can be said.

use preclear_model::node::Member;
use preclear_model::{Node, PolicyKind, Span, Value};

use super::evaluate::{Evaluated, Filler, Template};
use super::{dynamic, is_template};
use crate::params::Params;
use crate::sketch::{object, text};

/// Account and Region of a stack that nobody names; what is said of them is said of the pseudo parameters.
const HOME: [(&str, &str); 2] = [
    ("907100000000", "${AWS::AccountId}"),
    ("zz-home-1", "${AWS::Region}"),
];

/// Functions in functions; branches of conditions add to what the evaluation allows.
const DEPTH_MAX: usize = 100;

/// A template of CloudFormation.
#[derive(Debug)]
pub struct TemplatePolicies<'n> {
    node: &'n Node,
    template: Template<'n>,
}

/// One policy in it, functions included.
#[derive(Debug, Clone)]
pub struct TemplatePolicy {
    /// What its resource says that it is.
    pub kind: Option<PolicyKind>,
    /// Where it stands.
    pub span: Span,
    node: Node,
}

/// What stands for what is not determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// Everything; of two branches the first.
    Wide,
    /// Something that nothing else names; of two branches the second.
    Narrow,
}

/// A policy with guesses in it.
#[derive(Debug, Clone)]
pub struct Guessed {
    /// The policy.
    pub node: Node,
    /// Places of what is not determined, in whole or in part.
    pub unknown: Vec<Span>,
    /// Branches that this guess does not take.
    pub left_out: Vec<Span>,
    /// True if it may have statements that nobody knows.
    pub lacks_statements: bool,
    /// What was put in, for [`TemplatePolicies::restored`].
    pub fillers: Vec<String>,
}

impl<'n> TemplatePolicies<'n> {
    /// `None` for what is no template. `params` may have values of its parameters, of `AWS::AccountId` and of `AWS::Region`.
    #[must_use]
    pub fn of(node: &'n Node, params: &Params) -> Option<Self> {
        if !is_template(node) {
            return None;
        }
        let [account, region] =
            [("AWS::AccountId", HOME[0].0), ("AWS::Region", HOME[1].0)].map(|(name, other)| {
                let given = params.get(name);
                if given.is_some() {
                    params.was_filled(name);
                }
                given.unwrap_or(other).to_owned()
            });
        Some(Self {
            node,
            template: Template::new(node, params, (account, region)),
        })
    }

    /// The policies, in the order of the template.
    #[must_use]
    pub fn policies(&self) -> Vec<TemplatePolicy> {
        let mut found = Vec::new();
        let resources = self.node.get("Resources").map_or(&[][..], Node::members);
        for resource in resources {
            // One that is not made has no policy.
            if matches!(self.template.is_made(&resource.value), Ok(false)) {
                continue;
            }
            if let Some(properties) = resource.value.get("Properties") {
                let kind = kind_of(&resource.value, properties);
                self.find(properties, kind, &mut found, DEPTH_MAX);
            }
        }
        found
    }

    fn find(
        &self,
        node: &Node,
        kind: Option<PolicyKind>,
        found: &mut Vec<TemplatePolicy>,
        rest: usize,
    ) {
        let Some(rest) = rest.checked_sub(1) else {
            return;
        };
        if let Some(function) = function(node) {
            match self.template.evaluate(node) {
                Evaluated::Known(value) => self.find(&value, kind, found, rest),
                Evaluated::NoValue => {}
                // Branches, and what is made into a text.
                Evaluated::Later(_) => {
                    let argument = &function.value;
                    let items = argument.items().iter();
                    items.for_each(|item| self.find(item, kind, found, rest));
                    if argument.as_mapping().is_some() {
                        self.find(argument, kind, found, rest);
                    }
                }
            }
            return;
        }
        if is_policy(node) {
            return found.push(TemplatePolicy {
                kind,
                span: node.span,
                node: node.clone(),
            });
        }
        for item in node.items() {
            self.find(item, kind, found, rest);
        }
        for member in node.members() {
            let kind = match member.name.as_str() {
                "AssumeRolePolicyDocument" => Some(PolicyKind::Trust),
                _ => kind,
            };
            self.find(&member.value, kind, found, rest);
        }
    }

    /// A policy with one of the guesses.
    #[must_use]
    pub fn guessed(&self, policy: &TemplatePolicy, guess: Guess) -> Guessed {
        let mut guesser = Guesser {
            template: &self.template,
            guess,
            done: Guessed {
                node: Node {
                    span: policy.span,
                    value: Value::Null,
                },
                unknown: Vec::new(),
                left_out: Vec::new(),
                lacks_statements: false,
                fillers: Vec::new(),
            },
        };
        if let Some(node) = guesser.node(&policy.node, ["", ""], DEPTH_MAX) {
            guesser.done.node = node;
        }
        guesser.done
    }

    /// A text in which what was put in is what the template says.
    #[must_use]
    pub fn restored(&self, said: &str, fillers: &[String]) -> String {
        let mut said = said.to_owned();
        for (filler, name) in HOME {
            said = said.replace(filler, name);
        }
        for filler in fillers {
            said = said.replace(filler.as_str(), "\u{2026}");
        }
        said
    }

    /// True if a place holds a function, or belongs to one: text that no edit may replace.
    #[must_use]
    pub fn is_made(&self, policy: &TemplatePolicy, span: Span) -> bool {
        let is_within = policy.span.start <= span.start && span.end <= policy.span.end;
        !is_within || touches_function(&policy.node, span)
    }
}

fn touches_function(node: &Node, span: Span) -> bool {
    let touches = |other: Span| other.start < span.end && span.start < other.end;
    if !touches(node.span) {
        return false;
    }
    function(node).is_some()
        || node.items().iter().any(|item| touches_function(item, span))
        || node
            .members()
            .iter()
            .any(|member| touches_function(&member.value, span))
}

/// The function that an object is.
fn function(node: &Node) -> Option<&Member> {
    match node.members() {
        [member] if member.name == "Ref" || member.name.starts_with("Fn::") => Some(member),
        _ => None,
    }
}

/// A document with statements, or a text that holds one. Rules of a firewall have a `Statement` too, without effect.
fn is_policy(node: &Node) -> bool {
    if let Some(text) = node.scalar_text() {
        return text.trim_start().starts_with('{')
            && text.contains("\"Statement\"")
            && text.contains("\"Effect\"");
    }
    let is_statement = |node: &Node| node.get("Effect").is_some();
    node.get("Statement").is_some_and(|statements| {
        is_statement(statements)
            || statements.items().iter().any(|item| {
                let branches = function(item).map_or(&[][..], |member| member.value.items());
                is_statement(item) || branches.iter().any(is_statement)
            })
    })
}

/// The kind of the policies of a resource, but for the trust policies of roles.
fn kind_of(resource: &Node, properties: &Node) -> Option<PolicyKind> {
    let kind = resource.get("Type").and_then(Node::scalar_text)?;
    Some(match kind {
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => PolicyKind::Key,
        "AWS::EC2::VPCEndpoint" => PolicyKind::VpcEndpoint,
        "AWS::SSO::PermissionSet"
        | "AWS::Serverless::Function"
        | "AWS::Serverless::StateMachine" => PolicyKind::Identity,
        "AWS::Organizations::Policy" => match properties.get("Type").and_then(Node::scalar_text)? {
            "SERVICE_CONTROL_POLICY" => PolicyKind::Scp,
            "RESOURCE_CONTROL_POLICY" => PolicyKind::Rcp,
            _ => return None,
        },
        kind if kind.starts_with("AWS::IAM::") => PolicyKind::Identity,
        "AWS::S3::BucketPolicy"
        | "AWS::SQS::QueuePolicy"
        | "AWS::SQS::QueueInlinePolicy"
        | "AWS::SNS::TopicPolicy"
        | "AWS::SNS::TopicInlinePolicy"
        | "AWS::SecretsManager::ResourcePolicy" => PolicyKind::Resource,
        _ => return None,
    })
}

/// Puts guesses into one policy.
struct Guesser<'t, 'n> {
    template: &'t Template<'n>,
    guess: Guess,
    done: Guessed,
}

impl Guesser<'_, '_> {
    /// A node with guesses; `None` where nothing comes in its place. `names` are those of the members that it stands in, the nearest
    /// one last.
    fn node(&mut self, node: &Node, names: [&str; 2], rest: usize) -> Option<Node> {
        let rest = rest.checked_sub(1)?;
        if let Some(function) = function(node) {
            return self.function(function, node, names, rest);
        }
        match &node.value {
            Value::Scalar(scalar) if !dynamic::references(&scalar.text).is_empty() => {
                self.unknown(node.span, names)
            }
            Value::Null | Value::Scalar(_) => Some(node.clone()),
            Value::Sequence(items) => {
                let items = items.iter();
                let items = items.filter_map(|item| self.node(item, names, rest));
                Some(Node {
                    span: node.span,
                    value: Value::Sequence(items.collect()),
                })
            }
            Value::Mapping(members) => {
                let members = members.iter().filter_map(|member| {
                    let value = self.node(&member.value, [names[1], &member.name], rest)?;
                    Some(Member {
                        value,
                        ..member.clone()
                    })
                });
                Some(Node {
                    span: node.span,
                    value: Value::Mapping(members.collect()),
                })
            }
        }
    }

    fn function(
        &mut self,
        function: &Member,
        node: &Node,
        names: [&str; 2],
        rest: usize,
    ) -> Option<Node> {
        if let ("Fn::If", [condition, yes, no]) = (function.name.as_str(), function.value.items())
            && let Some(name) = condition.scalar_text()
        {
            let taken = match self.template.named_condition(name, rest) {
                Ok(true) => yes,
                Ok(false) => no,
                Err(_) => {
                    let (taken, left) = match self.guess {
                        Guess::Wide => (yes, no),
                        Guess::Narrow => (no, yes),
                    };
                    self.done.left_out.push(left.span);
                    taken
                }
            };
            return self.node(taken, names, rest);
        }
        let filler = self.filler(node.span);
        let used = [&filler.account, &filler.region, &filler.other].map(String::clone);
        match self.template.evaluate_with(node, filler) {
            (Evaluated::Known(value), false) => Some(value),
            (Evaluated::Known(value), true) => {
                self.done.unknown.push(node.span);
                let used = used.into_iter().filter(|filler| filler != "*");
                self.done.fillers.extend(used);
                Some(value)
            }
            (Evaluated::NoValue, _) => None,
            (Evaluated::Later(_), _) => self.unknown(node.span, names),
        }
    }

    /// Texts that stand in no other place, for two that are not known may differ.
    fn filler(&self, span: Span) -> Filler {
        let number = span.start;
        Filler {
            account: format!("9072{:08}", number % 100_000_000),
            region: format!("zz-filler-{number}"),
            other: match self.guess {
                Guess::Wide => "*".to_owned(),
                Guess::Narrow => format!("not-known-{number}-x"),
            },
        }
    }

    /// What stands for something whole.
    fn unknown(&mut self, span: Span, [outer, name]: [&str; 2]) -> Option<Node> {
        self.done.unknown.push(span);
        let filler = self.filler(span);
        let role = format!("arn:aws:iam::{}:role/{}", filler.account, filler.other);
        let pick = |wide: &str, narrow: &str| match self.guess {
            Guess::Wide => wide.to_owned(),
            Guess::Narrow => narrow.to_owned(),
        };
        let said = match name {
            "Statement" => {
                self.done.lacks_statements = true;
                return None;
            }
            // An object of operators, or of keys.
            "Condition" => return None,
            _ if outer == "Condition" => return None,
            "Principal" | "NotPrincipal" => {
                if self.guess == Guess::Narrow {
                    return Some(object(span, [("AWS", text(span, role))]));
                }
                "*".to_owned()
            }
            "AWS" => pick("*", &role),
            "Service" => format!("not-known-{}.amazonaws.com", span.start),
            "Federated" => format!("arn:aws:iam::{}:saml-provider/x", filler.account),
            "CanonicalUser" => format!("{:064x}", span.start),
            "Effect" => pick("Allow", "Deny"),
            "Version" => "2012-10-17".to_owned(),
            "Sid" | "Id" => format!("NotKnown{}", span.start),
            "Resource" | "NotResource" => {
                pick("*", &format!("arn:aws:not-known:::{}", filler.other))
            }
            "Action" | "NotAction" => pick("*", &format!("not-known:Call{}", span.start)),
            _ => filler.other.clone(),
        };
        if said != "*" {
            self.done.fillers.push(said.clone());
        }
        Some(text(span, said))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use preclear_model::{Limits, Source};

    use super::*;
    use crate::fill;

    /// The policies of a template in YAML with one guess, as JSON, and how many places are unknown.
    fn guessed(template: &str, guess: Guess) -> Vec<(String, usize)> {
        let source = Arc::new(Source::new("t.yaml", template));
        let params = Params::from_iter([("Given", "value")]);
        let (_, tree) = fill::read(&source, &params, &Limits::FILE).unwrap();
        let template = TemplatePolicies::of(&tree, &params).unwrap();
        let policies = template.policies();
        let done = policies
            .iter()
            .map(|policy| template.guessed(policy, guess));
        done.map(|one| {
            let said = one.node.to_json().to_string();
            (template.restored(&said, &one.fillers), one.unknown.len())
        })
        .collect()
    }

    fn with_resource(resource: &str) -> String {
        format!(
            "Parameters: {{Given: {{Type: String}}, Open: {{Type: String}}}}\n\
             Conditions: {{Yes: !Equals [a, a], Maybe: !Equals [!Ref Open, a]}}\n\
             Resources: {{P: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{PolicyDocument: {{Statement: {{Effect: Allow, Resource: {resource}}}}}}}}}}}\n"
        )
    }

    #[track_caller]
    fn assert_resource(resource: &str, wide: &str, narrow: &str, unknown: usize) {
        for (guess, expected) in [(Guess::Wide, wide), (Guess::Narrow, narrow)] {
            let found = guessed(&with_resource(resource), guess);
            let expected = match expected {
                "" => r#"{"Statement":{"Effect":"Allow"}}"#.to_owned(),
                text => format!(r#"{{"Statement":{{"Effect":"Allow","Resource":{text}}}}}"#),
            };
            assert_eq!(found, [(expected, unknown)], "{resource} {guess:?}");
        }
    }

    #[test]
    fn what_is_determined_stands_and_the_rest_is_guessed() {
        for (resource, said) in [
            ("!Ref Given", r#""value""#),
            (
                "!Sub 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Given}'",
                r#""arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:value""#,
            ),
            ("!If [Yes, a, !ImportValue b]", r#""a""#),
            ("[!Ref AWS::NoValue, a]", r#"["a"]"#),
            ("!Ref AWS::NoValue", ""),
            ("plain", r#""plain""#),
        ] {
            assert_resource(resource, said, said, 0);
        }
        assert_resource("!ImportValue x", r#""*""#, r#""…""#, 1);
        assert_resource("!Ref Open", r#""*""#, r#""…""#, 1);
        assert_resource("'{{resolve:ssm:x}}'", r#""*""#, r#""…""#, 1);
        assert_resource("!If [Maybe, a, !Ref AWS::NoValue]", r#""a""#, "", 0);
        assert_resource(
            "!Sub 'arn:aws:s3:::${Open}/${Given}'",
            r#""arn:aws:s3:::*/value""#,
            r#""arn:aws:s3:::…/value""#,
            1,
        );
        assert_resource(
            "!Join [':', [arn, aws, iam, '', !Ref Open, role/x]]",
            r#""arn:aws:iam::…:role/x""#,
            r#""arn:aws:iam::…:role/x""#,
            1,
        );
    }

    #[test]
    fn what_stands_for_something_decides_no_condition() {
        let template = with_resource("!Sub ['${x}', {x: !If [Maybe, a, b]}]");
        let [(wide, 1)] = &guessed(&template, Guess::Wide)[..] else {
            panic!("{:?}", guessed(&template, Guess::Wide));
        };
        assert!(wide.contains(r#""Resource":"*""#), "{wide}");
    }

    #[test]
    fn policies_are_found_with_their_kind() {
        let document = "{Statement: {Effect: Allow}}";
        let template = format!(
            "Conditions: {{No: !Equals [a, b]}}\nResources:\n\
             \x20 R: {{Type: 'AWS::IAM::Role', Properties: {{AssumeRolePolicyDocument: {document}, Policies: [!If [Some, {{PolicyDocument: {document}}}, !Ref 'AWS::NoValue']]}}}}\n\
             \x20 K: {{Type: 'AWS::KMS::Key', Properties: {{KeyPolicy: {document}}}}}\n\
             \x20 N: {{Type: 'AWS::KMS::Key', Condition: No, Properties: {{KeyPolicy: {document}}}}}\n\
             \x20 O: {{Type: 'AWS::Organizations::Policy', Properties: {{Type: SERVICE_CONTROL_POLICY, Content: {document}}}}}\n\
             \x20 E: {{Type: 'AWS::EC2::VPCEndpoint', Properties: {{PolicyDocument: '{{\"Statement\": {{\"Effect\": \"Allow\"}}}}'}}}}\n\
             \x20 Q: {{Type: 'AWS::SQS::QueuePolicy', Properties: {{PolicyDocument: {{Fn::ToJsonString: {document}}}}}}}\n\
             \x20 W: {{Type: 'AWS::WAFv2::WebACL', Properties: {{Rules: [{{Statement: {{NotStatement: {{}}}}}}]}}}}\n"
        );
        let source = Arc::new(Source::new("t.yaml", template));
        let params = Params::default();
        let (_, tree) = fill::read(&source, &params, &Limits::FILE).unwrap();
        let template = TemplatePolicies::of(&tree, &params).unwrap();
        let kinds: Vec<_> = template.policies().iter().map(|one| one.kind).collect();
        let expected = [
            PolicyKind::Trust,
            PolicyKind::Identity,
            PolicyKind::Key,
            PolicyKind::Scp,
            PolicyKind::VpcEndpoint,
            PolicyKind::Resource,
        ];
        assert_eq!(kinds, expected.map(Some));
    }
}
