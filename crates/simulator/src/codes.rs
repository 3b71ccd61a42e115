//! Codes of what is wrong with a question, or looks wrong about an answer. Codes of decisions are
//! [`Code`](crate::Code)s.

use preclear_condition::codes as conditions;
pub use preclear_model::codes::Code;
use preclear_model::{codes, codes as policies};

codes! {
    /// Codes about requests and their answers.
    REQUESTS:
    CONTEXT_CONTRADICTS_REQUEST Warning "IAM-CTX-1"
        "the context gives a key another value than follows from caller, resource and parameters, or one where there can be none; the given one counts"
        "leave the key out of the context, or correct what it follows from"
    CONTEXT_KEY_NOT_FOR_ACTION Warning "IAM-CTX-7"
        "the context speaks of a service's key that requests for the action never carry; what it says counts all the same"
        "leave the key out, or ask for an action that has it"
    CONTEXT_VALUE_NOT_OF_TYPE Warning "IAM-COND-14"
        "the context gives a key a value that is none of the key's type, so tests of that type do not match it"
        "write a value of the type that the message names"
    CONTRADICTION Error "UI-32"
        "two parts of the input say different things about one thing; the rule cited says which"
        "keep one of the two, or make them say the same"
    DOUBTFUL_SESSION_TOKEN Warning "IAM-EVAL-24"
        "AWS's documents disagree on whether credentials of GetSessionToken may make the call (DOC-8); the one that allows more is followed"
        "use long-term credentials or a role for the call"
    GIVEN_TWICE Error "UI-38"
        "a request says the same thing twice, differently: as `resource` or a short form, and in `parameters`; a warning where only the account could tell"
        "keep one of the two"
    IMPOSSIBLE_CONTEXT Error "IAM-CTX-5"
        "the context holds keys that no call carries together"
        "leave one out, or set `force_context: true`"
    INVALID_SERVICE Error "UI-39"
        "`via` names no service"
        "write the service's name, such as `s3` or `s3.amazonaws.com`, without a Region: that is the request's"
    KEY_PERMISSION_NEEDED_TOO Warning "JOB-S3-3"
        "the object is encrypted under a KMS key, so the call takes a second permission, on the key; where it reads, the message cites JOB-S3-4"
        "ask for that permission with a request of its own, with `via: s3`"
    LITERAL_STAR_RESOURCE Warning "UI-11"
        "the resource `*` stands for itself, not for every resource, so only statements on `*` match it"
        "name the resource that is meant"
    MISPLACED_POLICY Error "UI-10"
        "a policy is given for a caller or resource that cannot have one"
        "name a caller or resource that can, or leave the policy out"
    PARAMETERS_NOT_USED Warning "UI-38"
        "the request gives parameters of its API operation, and nothing follows from them: only those of KMS, and of STS where a role is assumed, are known"
        "give condition keys in `context`"
    RESOURCE_NOT_USED Warning "IAM-WILD-8"
        "the request names a resource, and its action is decided on no resource but `*`"
        "ask with `resource: \"*\"`"
    SESSION_PERMISSION_NEEDED_TOO Warning "IAM-EVAL-22"
        "the call passes session tags or a source identity, which takes a second permission on the role"
        "ask for the call as `operation`, to decide all its permissions"
    SEVERAL_VALUES Error "IAM-COND-5"
        "the context gives a list for a key that takes one value"
        "give one value, or list the key under `absent`"
    UNIQUE_ID_NOT_GIVEN Warning "IAM-PRIN-7"
        "a policy names a unique id, or a canonical one, and the caller's is not given: in closed mode they count as different"
        "give the caller as an object with `id` or `canonical_id`"
    UNKNOWN_KEY Warning "KMS-ID-1"
        "a complete snapshot does not have the key"
        "check the key identifier, or list the key"
    UNKNOWN_OPERATION Error "JOB-1"
        "no template describes the operation, or KMS has none of that name"
        "ask for one of the operations that the message names, or for a single permission with `action`"
    UNKNOWN_VIA_SERVICE Warning "UI-39"
        "`via` names a service that is in no catalogue; `kms:ViaService` names it all the same"
        "check the spelling: it is the first part of the service's host, such as `s3` of `s3.us-west-2.amazonaws.com`"
    UNLISTED_CALLER Warning "IAM-PRIN-5"
        "the snapshot lists an identity of the caller's name under another path; names are unique in an account, so it is probably meant"
        "name the caller with the path of its ARN"
}

codes! {
    /// Codes about jobs.
    JOBS:
    ACCOUNT_MISSING Error "JOB-1"
        "nothing says in which account the job runs"
        "give `account` in the job or in the snapshot, or a caller that belongs to an account"
    BUCKET_REGION_MISMATCH Error "JOB-S3-7"
        "a bucket is in another Region than the job"
        "use a bucket in the job's Region"
    CONSOLE_CANNOT_SET_VOLUME_KEY Error "JOB-GT-2"
        "the console has no field for the key of the volume"
        "create the job through the API, or leave the volume key out"
    FIELD_DEPENDENCY Error "JOB-4"
        "two members of the API's request belong together, and one is missing"
        "give both, or neither"
    FIELD_FORMAT Error "JOB-4"
        "a member of the API's request is not written as the API expects"
        "write it in the form that the message names"
    FIELD_MISSING Error "JOB-4"
        "the API demands a member that the request does not have"
        "add the member to the request"
    FIELD_TYPE Error "JOB-4"
        "a member of the API's request has another type than the API expects"
        "give a value of the type that the message names"
    KEY_REGION_MISMATCH Error "KMS-STATE-4"
        "a key is in another Region than the job"
        "use a key in the job's Region, or a replica there"
    KEY_SPEC_UNSUPPORTED_BY_SERVICE Error "KMS-STATE-3"
        "the key encrypts no data at rest: it is asymmetric, or for another use"
        "use a symmetric encryption key"
    METRIC_DESTINATION_UNKNOWN Warning "JOB-PZ-2"
        "the request publishes metrics to a bucket that it does not name, so permissions there are not checked"
        "check by hand that the service role may write to the bucket of the metric attribution, and use its key"
    OUTPUT_NOT_READABLE_CROSS_ACCOUNT Warning "JOB-GT-5"
        "somebody of another account reads output that is encrypted under a key which lets nobody else in"
        "encrypt the output under a customer managed key"
    PROFILE_WITHOUT_EFFECT Warning "JOB-PZ-1"
        "the job names a revision of the documentation, and the operation has only one"
        "leave `profile` out"
    REGION_MISSING Error "JOB-1"
        "nothing says in which Region the job runs"
        "give `region` in the job or in the snapshot"
    ROLE_ACCOUNT_MISMATCH Error "JOB-6"
        "a role belongs to another account than the job"
        "use a role of the job's account"
    UNKNOWN_FIELD Error "JOB-4"
        "the API has no such member; a warning where no other name is near, since it may be newer than preclear"
        "check the spelling, or remove the member"
    UNKNOWN_PROFILE Error "JOB-PZ-1"
        "the operation has no such revision of its documentation"
        "use one of the revisions that the message names"
    UNKNOWN_RESOURCE Warning "JOB-8"
        "the job touches something that the snapshot neither lists nor declares external"
        "list it, declare it `external`, or correct its name"
}

/// The row of a code that a job template may use.
pub(crate) fn find(name: &str) -> Option<&'static Code> {
    let mut rows = REQUESTS
        .iter()
        .chain(JOBS)
        .chain(conditions::CODES)
        .copied();
    rows.find(|row| row.name == name)
        .or_else(|| policies::find(name))
}
