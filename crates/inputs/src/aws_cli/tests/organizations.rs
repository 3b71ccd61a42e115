//! The organization.

use preclear_simulator::snapshot::NOT_KNOWN;

use super::*;

const ORGANIZATION: (&str, &str) = (
    "d/o.json",
    r#"{"Organization": {"Id": "o-exampleorgid", "MasterAccountId": "999999999999"}}"#,
);
const ROOT: &str = r#"{"Roots": [{"Id": "r-ab12", "Arn": "arn:aws:organizations::999999999999:root/o-exampleorgid/r-ab12", "Name": "Root",
    "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]}"#;
const ACCOUNTS: &str = r#"{"Accounts": [{"Id": "111122223333", "Arn": "arn:aws:organizations::999999999999:account/o-exampleorgid/111122223333",
    "Paths": ["o-exampleorgid/r-ab12/111122223333/"]}]}"#;
const FULL: &str = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess";
const OWN: &str =
    "arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy/p-x";

fn attached(arns: &[&str]) -> String {
    let items = arns.iter().map(|arn| {
        let id = arn.rsplit('/').next().unwrap();
        format!(
            r#"{{"Id": "{id}", "Arn": "{arn}", "Name": "x", "Type": "SERVICE_CONTROL_POLICY"}}"#
        )
    });
    let items: Vec<String> = items.collect();
    format!(r#"{{"Policies": [{}]}}"#, items.join(", "))
}

fn policy(arn: &str) -> String {
    let id = arn.rsplit('/').next().unwrap();
    let document = serde_json::to_string(DOCUMENT).unwrap();
    format!(
        r#"{{"Policy": {{"PolicySummary": {{"Id": "{id}", "Arn": "{arn}", "Type": "SERVICE_CONTROL_POLICY"}}, "Content": {document}}}}}"#
    )
}

fn names(policies: &Given<Vec<std::sync::Arc<preclear_model::Policy>>>) -> Vec<&str> {
    let policies = policies.value().into_iter().flatten();
    policies.map(|policy| policy.name.as_str()).collect()
}

/// Types that are not enabled limit nobody.
#[test]
fn the_root_says_which_types_are_enabled() {
    let snapshot = read(&[("d/r.json", ROOT), ("d/a.json", ACCOUNTS)]);
    let organization = snapshot.organization.unwrap();
    assert_eq!(organization.id, "o-exampleorgid", "ARNs have it");
    assert_eq!(
        organization.management_account.as_deref(),
        Some("999999999999")
    );
    assert_eq!(organization.accounts[0].parent.as_deref(), Some("r-ab12"));
    assert_eq!(organization.root.rcps, Given::Nothing);
    assert_eq!(organization.accounts[0].rcps, Given::Nothing);
    assert!(organization.root.scps.is_left_out());
    let off = ROOT.replace("ENABLED", "PENDING_ENABLE");
    let organization = read(&[("d/r.json", &off), ("d/a.json", ACCOUNTS)])
        .organization
        .unwrap();
    assert_eq!(names(&organization.accounts[0].scps), [FULL]);
}

#[test]
fn attachments_are_told_from_both_sides() {
    let target = r#"{"Targets": [{"TargetId": "111122223333", "Type": "ACCOUNT"}]}"#;
    let base = [ORGANIZATION, ("d/r.json", ROOT), ("d/a.json", ACCOUNTS)];
    let with = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> = base.iter().chain(files).copied().collect();
        let snapshot = read(&files);
        let is_open = snapshot.has_rejected(Layer::Scp, "111122223333");
        let organization = snapshot.organization.unwrap();
        (names(&organization.accounts[0].scps).join(" "), is_open)
    };
    let (own, list) = (policy(OWN), attached(&[FULL, OWN]));
    let own = ("d/policies/p-x/d.json", own.as_str());
    let list = ("d/targets/111122223333/l.json", list.as_str());
    let of_policy = ("d/policies/p-x/t.json", target);
    assert_eq!(with(&[own, list]), (format!("{OWN} {FULL}"), false));
    assert_eq!(
        with(&[own, list, of_policy]),
        (format!("{OWN} {FULL}"), false)
    );
    assert_eq!(
        with(&[own, of_policy]),
        (OWN.to_owned(), true),
        "others may be attached"
    );
    let without = attached(&[FULL]);
    let mut files = base.to_vec();
    files.extend([
        own,
        of_policy,
        ("d/targets/111122223333/l.json", without.as_str()),
    ]);
    let found = complaints(&files);
    assert!(
        found.contains(&"CONTRADICTION \"111122223333\"".to_owned()),
        "{found:?}"
    );
}

#[test]
fn documents_that_are_missing_or_hang_nowhere_are_named() {
    let base = [ORGANIZATION, ("d/r.json", ROOT), ("d/a.json", ACCOUNTS)];
    let with = |file: (&str, &str)| {
        let mut files = base.to_vec();
        files.push(file);
        load(&files).unwrap()
    };
    let loaded = with(("d/targets/111122223333/l.json", &attached(&[OWN])));
    assert!(loaded.value.has_rejected(Layer::Scp, "111122223333"));
    assert!(codes(&loaded.diagnostics)[0].starts_with("POLICY_WITHOUT_DOCUMENT"));
    let target = r#"{"Targets": [{"TargetId": "111122223333"}]}"#;
    let loaded = with(("d/policies/p-y/t.json", target));
    assert!(loaded.value.has_rejected(Layer::Scp, "111122223333"));
    assert!(loaded.value.has_rejected(Layer::Rcp, "111122223333"));
    let loaded = with(("d/policies/p-x/d.json", &policy(OWN)));
    assert_eq!(codes(&loaded.diagnostics), ["OUTPUT_ADDS_NOTHING {"]);
    let loaded = with(("d/targets/r-ab12/l.json", r#"{"Policies": []}"#));
    assert_eq!(codes(&loaded.diagnostics), ["OUTPUT_ADDS_NOTHING {"]);
}

/// Accounts that nobody lists count as outside.
#[test]
fn a_list_of_all_accounts_is_missed() {
    let child = (
        "d/children/111122223333/p.json",
        r#"{"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]}"#,
    );
    let root = ("d/r.json", ROOT);
    let found = complaints(&[ORGANIZATION, root, child]);
    assert_eq!(found, ["ORGANIZATION_IN_PART {"]);
    let of_parent = ("d/parents/r-ab12/a.json", ACCOUNTS);
    assert_eq!(complaints(&[ORGANIZATION, root, child, of_parent]), [""; 0]);
    let unit = r#"{"OrganizationalUnits": [{"Id": "ou-ab12-x", "Name": "x"}]}"#;
    let unit = ("d/parents/r-ab12/u.json", unit);
    let found = complaints(&[ORGANIZATION, root, of_parent, unit]);
    assert_eq!(found, ["ORGANIZATION_IN_PART {"]);
}

const LISTED: &str = r#"{"Accounts": [{"Id": "111122223333", "Arn": "arn:aws:organizations::999999999999:account/o-exampleorgid/111122223333"}]}"#;

/// Rule: IAM-TRI-7, UI-36.
#[test]
fn an_account_of_which_nobody_tells_the_parent_hangs_nobody_knows_where() {
    let unit = r#"{"OrganizationalUnits": [{"Id": "ou-ab12-x", "Name": "x"}]}"#;
    let base = [
        ORGANIZATION,
        ("d/r.json", ROOT),
        ("d/a.json", LISTED),
        ("d/s.yaml", "preclear: 1\ncomplete: true"),
    ];
    let with = |files: &[(&str, &str)]| {
        let files: Vec<(&str, &str)> = base.iter().chain(files).copied().collect();
        let loaded = load(&files).unwrap();
        let missing = crate::missing::missing(&loaded.value);
        let organization = loaded.value.organization.unwrap();
        let parent = organization.accounts[0].parent.clone().unwrap_or_default();
        (parent, codes(&loaded.diagnostics).len(), missing.len())
    };
    let units = ("d/parents/r-ab12/u.json", unit);
    assert_eq!(with(&[units]), (NOT_KNOWN.to_owned(), 1, 2));
    assert_eq!(with(&[]), (NOT_KNOWN.to_owned(), 1, 2));
    let told = [
        (
            "d/children/111122223333/p.json",
            r#"{"Parents": [{"Id": "ou-ab12-x", "Type": "ORGANIZATIONAL_UNIT"}]}"#,
        ),
        ("d/parents/ou-ab12-x/a.json", LISTED),
        (
            "d/o.yaml",
            "{preclear: 1, organization: {id: o-exampleorgid, accounts: [{id: '111122223333', parent: ou-ab12-x}]}}",
        ),
    ];
    for file in told {
        assert_eq!(with(&[units, file]), ("ou-ab12-x".to_owned(), 0, 0));
    }
    // Where there are no units, there is one place.
    let none = ("d/parents/r-ab12/u.json", r#"{"OrganizationalUnits": []}"#);
    assert_eq!(with(&[none]), ("r-ab12".to_owned(), 0, 0));
}

/// `list-policies` prints what `list-policies-for-target` prints.
#[test]
fn policies_that_may_be_attached_anywhere_leave_open_what_has_no_list() {
    let policies = ("d/p.json", &*attached(&[FULL, OWN]));
    let whole = ("d/s.yaml", "preclear: 1\ncomplete: true");
    let list = ("d/targets/r-ab12/l.json", &*attached(&[FULL]));
    let base = [ORGANIZATION, ("d/r.json", ROOT), ("d/a.json", ACCOUNTS)];
    let files: Vec<(&str, &str)> = base.into_iter().chain([policies, whole, list]).collect();
    let loaded = load(&files).unwrap();
    assert_eq!(codes(&loaded.diagnostics), ["OUTPUT_ADDS_NOTHING {"]);
    assert!(loaded.value.has_rejected(Layer::Scp, "111122223333"));
    assert!(!loaded.value.has_rejected(Layer::Scp, "r-ab12"));
    assert!(!loaded.value.has_rejected(Layer::Rcp, "111122223333"));
    let alone = load(&[policies, whole]).unwrap().value;
    assert_eq!(alone.layers_not_loaded, [Layer::Scp].into());
}
