use super::remedy::layer_remedy;
use super::*;
use crate::render::sample;
use preclear_simulator::explanation::StatementRef;
use preclear_simulator::{Code, Layer};

fn layers() -> Vec<LayerReport> {
    let statement = |index: usize, applies, remark: &str| StatementReport {
        statement: StatementRef {
            policy: "p".to_owned(),
            statement: index,
            sid: None,
            place: None,
        },
        allows: false,
        applies,
        remarks: vec![remark.to_owned()],
        undecided: Vec::new(),
    };
    vec![LayerReport {
        layer: Layer::Identity,
        level: None,
        allow: Tri::Unknown,
        deny: Tri::Unknown,
        note: None,
        statements: vec![
            statement(
                0,
                Tri::Unknown,
                "IpAddress aws:SourceIp 10.0.0.0/8 is undecided: the request has (unknown)",
            ),
            statement(1, Tri::False, "Action does not match s3:GetObject"),
            statement(2, Tri::Unknown, "Resource may match arn:aws:s3:::b/x"),
        ],
        grants: Vec::new(),
    }]
}

fn said(dependency: Dependency) -> String {
    said_to(dependency, Question::Request)
}

fn asked(question: Question) -> Asked<'static> {
    Asked {
        question,
        resource: None,
        is_complete: false,
        is_of_flags: false,
        rejected: None,
        of_caller: None,
    }
}

fn said_to(dependency: Dependency, question: Question) -> String {
    let mut text = String::new();
    push(
        &mut text,
        &BTreeSet::from([dependency]),
        &layers().iter().collect::<Vec<_>>(),
        asked(question),
        "",
    );
    anstream::adapter::strip_str(&text).to_string()
}

/// IAM-PRIN-6: what is loaded for the federated user itself counts for nothing.
#[test]
fn layers_of_a_federated_user_are_those_of_a_user_that_must_be_told() {
    for layer in ["identity", "boundary"] {
        let text = said_to(Dependency::Layer(layer), Question::RequestOfUnknownUser);
        assert!(
            text.contains("user: ARN}; the ") && !text.contains("load"),
            "{text}"
        );
        let text = said_to(Dependency::Layer(layer), Question::JobOfFederatedUser);
        assert!(
            text.contains("caller: {arn: …, user: ARN}; the ") && text.contains("load"),
            "{text}"
        );
        assert!(!said(Dependency::Layer(layer)).contains("user: ARN"));
    }
    let other = said_to(Dependency::Layer("scp"), Question::RequestOfUnknownUser);
    assert!(other.contains("load the SCPs"), "{other}");
}

#[test]
fn a_key_is_spelled_as_in_the_policy_with_its_flags_and_statement() {
    let text = said(Dependency::Key("aws:sourceip".to_owned()));
    assert!(text.starts_with("depends on  aws:SourceIp\n"), "{text}");
    assert!(
        text.contains("`--context aws:SourceIp=…`")
            && text.contains("`--absent aws:SourceIp`")
            && text.contains("decides Deny: p, statement 0")
            && !text.contains("statement 2"),
        "{text}"
    );
}

#[test]
fn a_job_tells_remedies_once_and_without_flags_of_single_files() {
    let mut one = sample::denied(Code::NoIdentityAllow);
    one.depends_on = BTreeSet::from([
        Dependency::Layer("scp"),
        Dependency::Key("aws:sourceip".to_owned()),
    ]);
    let mut text = String::new();
    let part = part(one);
    push_settling_of_job(&mut text, None, false, [&part, &part]);
    assert_eq!(text.matches("load the SCPs").count(), 1, "{text}");
    assert!(
        text.contains("`--absent aws:SourceIp` if no call") && !text.contains("--scp"),
        "{text}"
    );
    let mut text = String::new();
    push_settling_of_job(&mut text, None, true, []);
    assert_eq!(text, "");
}

/// IAM-TRI-7: every key and every role has a policy, so a complete snapshot does not settle theirs.
#[test]
fn remedies_fit_the_resource_and_the_snapshot() {
    let remedy = |resource, is_complete| {
        let asked = Asked {
            resource,
            is_complete,
            ..asked(Question::Request)
        };
        layer_remedy("resource", asked)
    };
    let key = remedy(Some("arn:aws:kms:us-west-2:111122223333:key/k"), false);
    assert!(
        key.contains("`policy` of the key") && !key.contains("--"),
        "{key}"
    );
    let role = remedy(Some("arn:aws:iam::111122223333:role/r"), false);
    assert!(
        role.contains("`trust` of the role") && !role.contains("--"),
        "{role}"
    );
    for text in [key, role, remedy(Some("arn:aws:s3:::b"), true)] {
        assert!(!text.contains("complete: true"), "{text}");
    }
    assert!(remedy(Some("arn:aws:s3:::b/x"), false).contains("complete: true"));
    let job = layer_remedy("resource", asked(Question::Job));
    assert!(
        job.contains("`trust` of the role") && !job.contains("--"),
        "{job}"
    );
}

/// UI-10: a run of flags has no snapshot to change, and one with a snapshot takes no flags of single policies.
#[test]
fn remedies_of_flags_are_flags() {
    let remedy = |layer, resource| {
        let asked = Asked {
            resource: Some(resource),
            is_of_flags: true,
            ..asked(Question::Request)
        };
        layer_remedy(layer, asked)
    };
    let key = "arn:aws:kms:us-west-2:111122223333:key/k";
    for (layer, resource, flag, may_be_complete) in [
        ("identity", key, "--identity-policy", true),
        ("resource", key, "--key-policy", false),
        (
            "resource",
            "arn:aws:iam::111122223333:role/r",
            "--trust-policy",
            false,
        ),
        ("resource", "arn:aws:s3:::b/x", "--resource-policy", true),
        ("boundary", key, "--boundary", true),
        ("scp", key, "--scp", true),
        ("grants", key, "--grants", true),
    ] {
        let text = remedy(layer, resource);
        assert!(text.contains(&format!("`{flag} FILE`")), "{text}");
        assert_eq!(text.contains("`--complete`"), may_be_complete, "{text}");
        assert!(!text.contains("snapshot"), "{text}");
    }
    assert!(remedy("vpce", key).contains("`--snapshot`"));
}

#[test]
fn a_policy_that_was_refused_is_to_be_mended_and_not_to_be_loaded() {
    let rejected = BTreeSet::from(["identity"]);
    let asked = Asked {
        rejected: Some(&rejected),
        ..asked(Question::Request)
    };
    let text = layer_remedy("identity", asked);
    assert!(text.contains("refused") && !text.contains("load"), "{text}");
    assert!(layer_remedy("boundary", asked).contains("load"));
}

/// IAM-CTX-2: keys with flags of their own, and keys that no request lacks.
#[test]
fn keys_name_the_flag_that_is_theirs() {
    let of = |key: &str| said(Dependency::Key(key.to_owned()));
    for (key, flag) in [
        ("aws:currenttime", "`--now TIME`"),
        ("aws:epochtime", "`--now TIME`"),
        ("aws:requestedregion", "`--region REGION`"),
        ("aws:securetransport", "--context aws:SecureTransport=…"),
        ("aws:useragent", "--context aws:UserAgent=…"),
    ] {
        let text = of(key);
        assert!(text.contains(flag) && !text.contains("--absent"), "{text}");
    }
    let endpoint = of("aws:sourcevpce");
    assert!(
        endpoint.contains("`--vpc-endpoint ID`") && endpoint.contains("--absent"),
        "{endpoint}"
    );
    let job = said_to(Dependency::Key("aws:currenttime".to_owned()), Question::Job);
    assert!(job.contains("`--now TIME`"), "{job}");
}

/// What grants are compared with is no condition key, so no flag for keys settles it.
#[test]
fn parameters_of_the_call_are_told_as_such() {
    let pairs = said(Dependency::Key("kms:encryptioncontextkeys".to_owned()));
    assert!(
        pairs.contains("`--encryption-context KEY=VALUE`") && !pairs.contains("--absent"),
        "{pairs}"
    );
    let operations = said(Dependency::Key("kms:grantoperations".to_owned()));
    assert!(
        operations.contains("parameters: {Operations: […], …}"),
        "{operations}"
    );
}

#[test]
fn a_key_in_a_variable_leads_to_the_element_that_is_open() {
    let text = said(Dependency::Key("aws:principaltag/my team".to_owned()));
    assert!(
        text.contains("`--absent 'aws:principaltag/my team'`") && text.contains("statement 2"),
        "{text}"
    );
}

#[test]
fn other_dependencies_say_what_to_load_or_to_choose() {
    assert!(said(Dependency::Layer("scp")).contains("layers_open: [scp]"));
    let text = said(Dependency::Ambiguity(24));
    assert!(
        text.contains("IPv4 CIDR?") && text.contains("--ambiguity guess (no match)"),
        "{text}"
    );
    assert!(said(Dependency::Ambiguity(13)).contains("no flag"));
    assert!(said(Dependency::Resource("arn:*".to_owned())).contains("only part of arn:*"));
}

#[test]
fn calls_that_are_not_the_callers_own_are_not_told_to_give_a_context() {
    let keys = BTreeSet::new();
    let mut text = String::new();
    let asked = Asked {
        of_caller: Some(&keys),
        ..asked(Question::Job)
    };
    let dependencies = BTreeSet::from([Dependency::Key("aws:sourceip".to_owned())]);
    push(&mut text, &dependencies, &[], asked, "");
    let text = anstream::adapter::strip_str(&text).to_string();
    assert!(text.contains("`--absent aws:SourceIp` if"), "{text}");
    assert!(!text.contains("--context aws"), "{text}");
}

fn part(result: Explanation) -> RequirementPart {
    RequirementPart {
        principal: "p".to_owned(),
        is_account: false,
        action: "kms:Decrypt".to_owned(),
        resource: "key".to_owned(),
        basis: preclear_simulator::job::Basis::Mandatory,
        context: std::collections::BTreeMap::new(),
        result,
    }
}

#[test]
fn what_a_service_calls_for_the_caller_has_not_the_callers_network() {
    let mut one = part(sample::denied(preclear_simulator::Code::NoIdentityAllow));
    assert!(takes_context(&one, Some("p"), "aws:sourceip"));
    assert!(!takes_context(&one, Some("q"), "aws:sourceip"));
    let forwarded = ("aws:ViaAWSService".to_owned(), "true".to_owned());
    one.context.extend([forwarded]);
    assert!(!takes_context(&one, Some("p"), "aws:sourceip"));
    assert!(takes_context(&one, Some("p"), "aws:principaltag/team"));
}
