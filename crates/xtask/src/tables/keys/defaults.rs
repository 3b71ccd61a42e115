//! The column `default (open)`: its words, and the state that they give a key.

use super::super::world::A;
use super::OWNER;
use super::asked::Asker;
use super::worlds::World;

/// The state of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Absent,
    Present,
    Unknown,
    /// This value.
    Known(String),
    /// A set that has this value in it.
    Some(String),
}

impl State {
    pub(super) fn name(&self) -> &'static str {
        match self {
            State::Absent => "absent",
            State::Present => "present",
            State::Unknown => "unknown",
            State::Known(_) | State::Some(_) => "known",
        }
    }
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    Absent,
    Present,
    Unknown,
    /// Derived; otherwise `Present` or `Unknown`, or nothing is said.
    Derived(Otherwise),
    FalseUnlessForwarded,
    RoleSessionsUnknown,
    ByCredentials,
    LongTermAbsent,
    ServicesUnknown,
    UnknownUnlessTagged,
    /// Two states for several keys: which is whose is not said.
    Either,
}

/// What holds where a key cannot be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    Unsaid,
    Unknown,
    Present,
    /// That it is there is itself derived.
    DerivedPresent,
}

impl Default {
    pub(super) fn read(text: &str) -> Option<Default> {
        Some(match text {
            "Absent" | "Absent, W" | "Absent unless given" | "Absent unless FAS stated" => {
                Default::Absent
            }
            "Present" => Default::Present,
            "Unknown" => Default::Unknown,
            "derive" => Default::Derived(Otherwise::Unsaid),
            "derive, else Unknown" => Default::Derived(Otherwise::Unknown),
            "derive, else Present" | "derive from the evaluation clock, else Present" => {
                Default::Derived(Otherwise::Present)
            }
            "derive; Present if the role path is unknown"
            | "derive; aws:userid Present if the unique id is not known" => {
                Default::Derived(Otherwise::DerivedPresent)
            }
            "false unless FAS stated" => Default::FalseUnlessForwarded,
            "Unknown for role sessions, else Absent" => Default::RoleSessionsUnknown,
            "Present for temporary, Absent for long-term, not stated: Unknown" => {
                Default::ByCredentials
            }
            "long-term: Absent; else Unknown" => Default::LongTermAbsent,
            "Absent unless service principal, then Unknown" => Default::ServicesUnknown,
            "Unknown unless tags given" => Default::UnknownUnlessTagged,
            "Absent / Unknown" => Default::Either,
            _ => return None,
        })
    }

    /// Whether this kind of requester shows anything that others do not.
    fn asks(self, asker: Asker) -> bool {
        let is_typical = matches!(asker, Asker::User | Asker::Role);
        match self {
            Default::Absent
            | Default::Present
            | Default::Unknown
            | Default::UnknownUnlessTagged => is_typical,
            Default::FalseUnlessForwarded | Default::Either | Default::RoleSessionsUnknown => {
                is_typical
            }
            Default::ServicesUnknown => is_typical || asker == Asker::Service,
            Default::ByCredentials | Default::LongTermAbsent | Default::Derived(_) => true,
        }
    }

    /// The state in open mode; `None` where the table does not speak of such a requester.
    pub(super) fn state(self, key: &str, world: World, asker: Asker) -> Option<State> {
        let is_nobody = matches!(asker, Asker::Service | Asker::Anonymous);
        let may_be_derived = matches!(self, Default::Derived(_) | Default::UnknownUnlessTagged);
        if !self.asks(asker) || (world == World::Sparse && !may_be_derived) {
            return None;
        }
        match self {
            Default::Absent => Some(State::Absent),
            Default::Present => Some(State::Present),
            // Of some keys the column `present when` says that such requesters have none.
            Default::Unknown if is_nobody => None,
            Default::Unknown => Some(State::Unknown),
            Default::FalseUnlessForwarded => Some(State::Known("false".to_owned())),
            Default::RoleSessionsUnknown if asker == Asker::Role => Some(State::Unknown),
            Default::RoleSessionsUnknown => Some(State::Absent),
            Default::ByCredentials if is_nobody => None,
            Default::ByCredentials => Some(match asker.is_temporary() {
                Some(true) => State::Present,
                Some(false) => State::Absent,
                None => State::Unknown,
            }),
            Default::LongTermAbsent if !(asker.is_user() || asker == Asker::Role) => None,
            Default::LongTermAbsent => Some(match asker.is_temporary() {
                Some(false) => State::Absent,
                _ => State::Unknown,
            }),
            Default::ServicesUnknown if asker == Asker::Service => Some(State::Unknown),
            Default::ServicesUnknown => Some(State::Absent),
            // The actions of an object do not support the tags of its bucket; those of a secret are in `tagged`.
            Default::UnknownUnlessTagged if world == World::Known => None,
            Default::UnknownUnlessTagged => Some(State::Unknown),
            Default::Either => None,
            Default::Derived(otherwise) => derived(key, world, asker, otherwise),
        }
    }
}

impl Default {
    /// The state in closed mode, of a key that has this one in open mode; `None` where the rules can be read both ways.
    pub(super) fn closed(self, open: &State) -> Option<State> {
        match (self, open) {
            (_, State::Known(_) | State::Some(_)) => Some(open.clone()),
            (Default::Derived(Otherwise::DerivedPresent), _) => None,
            _ => Some(State::Absent),
        }
    }
}

fn derived(key: &str, world: World, asker: Asker, otherwise: Otherwise) -> Option<State> {
    let known = |text: String| Some(State::Known(text));
    let is_known = world == World::Known;
    let is_service = asker == Asker::Service;
    let is_nobody = is_service || asker == Asker::Anonymous;
    // The values of users and roles; those of the others are in IAM-PRIN-1.
    let is_ordinary = asker.is_user() || asker == Asker::Role;
    let is_user = asker.is_user();
    let is_typical = matches!(asker, Asker::User | Asker::Role | Asker::RootSession) || is_nobody;
    if !is_typical {
        return None;
    }
    match key {
        "aws:CurrentTime" if is_known => return known("2026-01-01T00:00:00Z".to_owned()),
        "aws:EpochTime" if is_known => return known("2026-01-01T00:00:00Z".to_owned()),
        "aws:RequestedRegion" if is_known => return known("us-west-2".to_owned()),
        "aws:PrincipalIsAWSService" if asker == Asker::Anonymous => return None,
        "aws:PrincipalIsAWSService" => return known(is_service.to_string()),
        "aws:PrincipalServiceName" if is_service => return known("sns.amazonaws.com".to_owned()),
        "aws:PrincipalServiceNamesList" if is_service => {
            return Some(State::Some("sns.amazonaws.com".to_owned()));
        }
        "aws:PrincipalServiceName" | "aws:PrincipalServiceNamesList" => return Some(State::Absent),
        "aws:AssumedRoot" if asker == Asker::RootSession => return known("true".to_owned()),
        "aws:AssumedRoot" => return Some(State::Absent),
        "aws:ResourceAccount" => return known(OWNER.to_owned()),
        "aws:ResourceOrgID" if is_known => return known("o-a1b2c3d4e5".to_owned()),
        "aws:ResourceOrgPaths" if is_known => return Some(State::Some(ORG_PATH.to_owned())),
        "aws:username" if is_user => return known("U".to_owned()),
        "aws:username" => return Some(State::Absent),
        "aws:PrincipalAccount" if is_ordinary => return known(A.to_owned()),
        "aws:PrincipalType" if is_user => return known("User".to_owned()),
        "aws:PrincipalType" if is_ordinary => return known("AssumedRole".to_owned()),
        "aws:PrincipalArn" if is_user => return known(format!("arn:aws:iam::{A}:user/U")),
        "aws:PrincipalArn" if is_ordinary && is_known => {
            return known(format!("arn:aws:iam::{A}:role/app/R"));
        }
        "aws:userid" if is_user && is_known => return known("AIDAEXAMPLEU123456789".to_owned()),
        "aws:userid" if is_ordinary && is_known => {
            return known("AROAEXAMPLER123456789:s".to_owned());
        }
        "aws:PrincipalOrgID" if is_known && !is_nobody => return known("o-a1b2c3d4e5".to_owned()),
        "aws:PrincipalOrgPaths" if is_known && !is_nobody => {
            return Some(State::Some(ORG_PATH.to_owned()));
        }
        "aws:PrincipalOrgID" | "aws:PrincipalOrgPaths" if is_nobody => return Some(State::Absent),
        "aws:PrincipalTag/team" if is_known && is_ordinary => return known("x".to_owned()),
        _ => {}
    }
    match otherwise {
        _ if is_known || !is_ordinary => None,
        Otherwise::Unsaid => None,
        Otherwise::Unknown => Some(State::Unknown),
        Otherwise::Present | Otherwise::DerivedPresent => Some(State::Present),
    }
}

const ORG_PATH: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-x/";
