//! The members that an API request may have, written as a request in which types stand for values.
//!
//! `{"Name*": "text", "Config": {"Key": "key"}}`: a `*` marks what the API demands wherever the object around it is
//! given, a `!` what it refuses to be empty. The module knows how shapes are written; requests are held against them elsewhere.

use std::fmt;

use preclear_model::near::nearest;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::job::template::path;

/// What stands at a place of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Text(Format),
    Number,
    Boolean,
    /// An object whose members are not looked at.
    Map,
    List(Box<Shape>),
    Members(Vec<ShapeMember>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShapeMember {
    pub(crate) name: String,
    pub(crate) is_required: bool,
    /// True where the API tells an empty text from one that is left out, and refuses it.
    pub(crate) refuses_empty: bool,
    pub(crate) shape: Shape,
}

/// What a text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Any,
    /// Of a resource: without wildcards and white space; an ARN or address as well.
    Name,
    /// Twelve digits.
    Account,
    Arn,
    RoleArn,
    S3Uri,
    /// Any of the four forms. Rule: KMS-ID-1.
    Key,
    KeyArn,
    /// Rule: JOB-GT-1.
    KeyIdOrArn,
    /// A policy document, which sessions have that the service makes of roles. Rule: IAM-EVAL-14.
    SessionPolicy,
}

/// Types by their names.
const TYPES: [(&str, Shape); 13] = [
    ("text", Shape::Text(Format::Any)),
    ("name", Shape::Text(Format::Name)),
    ("arn", Shape::Text(Format::Arn)),
    ("account", Shape::Text(Format::Account)),
    ("role_arn", Shape::Text(Format::RoleArn)),
    ("s3_uri", Shape::Text(Format::S3Uri)),
    ("key", Shape::Text(Format::Key)),
    ("key_arn", Shape::Text(Format::KeyArn)),
    ("key_id_or_arn", Shape::Text(Format::KeyIdOrArn)),
    ("session_policy", Shape::Text(Format::SessionPolicy)),
    ("number", Shape::Number),
    ("boolean", Shape::Boolean),
    ("map", Shape::Map),
];

impl Shape {
    fn of_name(name: &str) -> Option<Self> {
        let known = TYPES.iter().find(|(own, _)| *own == name);
        known.map(|(_, shape)| shape.clone())
    }

    /// What to write in place of a type that there is not.
    fn unknown_type(name: &str) -> String {
        let names: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        let meant = nearest(name, names.iter().copied())
            .map(|near| format!("did you mean `{near}`? "))
            .unwrap_or_default();
        format!(
            "`{name}` is no type of a field\n{meant}there are: {}, a list of one type, and an object of members",
            names.join(", ")
        )
    }

    /// The shape at a path; lists on the way are walked through.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        let mut shape = self;
        for name in path::steps(path) {
            let Self::Members(members) = shape.element() else {
                return None;
            };
            shape = &members.iter().find(|member| member.name == name)?.shape;
        }
        Some(shape)
    }

    /// The path with the first member that there is none of spelled as one that there is.
    pub(crate) fn nearest(&self, path: &str) -> Option<String> {
        let steps: Vec<&str> = path::steps(path).collect();
        let mut shape = self;
        for (index, name) in steps.iter().enumerate() {
            let Self::Members(members) = shape.element() else {
                return None;
            };
            if let Some(member) = members.iter().find(|member| member.name == *name) {
                shape = &member.shape;
                continue;
            }
            let near = nearest(name, members.iter().map(|member| member.name.as_str()))?;
            let (before, after) = (steps.get(..index)?, steps.get(index + 1..)?);
            return Some([before, &[near], after].concat().join("."));
        }
        None
    }

    /// The shape of what lies in it, for a list; else itself.
    pub(crate) fn element(&self) -> &Self {
        let mut shape = self;
        while let Self::List(element) = shape {
            shape = element;
        }
        shape
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a type, a list of one type, or an object of members")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Shape, E> {
        Shape::of_name(name).ok_or_else(|| E::custom(Shape::unknown_type(name)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Shape, A::Error> {
        let element = sequence
            .next_element()?
            .ok_or_else(|| A::Error::custom("a list names the type of its elements"))?;
        match sequence.next_element::<Shape>()? {
            None => Ok(Shape::List(Box::new(element))),
            Some(_) => Err(A::Error::custom("a list names one type")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut members: Vec<ShapeMember> = Vec::new();
        while let Some((written, shape)) = map.next_entry::<String, Shape>()? {
            let is_required = written.ends_with('*');
            let refuses_empty = written.ends_with('!');
            let name = written.trim_end_matches(['*', '!']).to_owned();
            if members.iter().any(|member| member.name == name) {
                return Err(A::Error::custom(format!("`{name}` stands here twice")));
            }
            members.push(ShapeMember {
                name,
                is_required,
                refuses_empty,
                shape,
            });
        }
        Ok(Shape::Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_look_like_requests() {
        let shape: Shape = serde_json::from_str(
            r#"{"Name*": "text", "Tags": [{"Key*": "text"}], "Deep": {"Key!": "key"}}"#,
        )
        .unwrap();
        assert_eq!(shape.at("Deep.Key"), Some(&Shape::Text(Format::Key)));
        for path in ["Tags.Key", "Tags[].Key"] {
            assert_eq!(shape.at(path), Some(&Shape::Text(Format::Any)));
        }
        assert_eq!(shape.at("Deep.Other"), None);
        assert_eq!(shape.at("Name.More"), None);
        let Shape::Members(members) = &shape else {
            panic!("an object")
        };
        assert!(members[0].is_required && !members[1].is_required);
        let Shape::Members(deep) = &members[2].shape else {
            panic!("an object")
        };
        assert!(deep[0].refuses_empty && !members[0].refuses_empty);
    }

    #[test]
    fn wrong_shapes_are_errors() {
        for wrong in [
            r#""txt""#,
            "[]",
            r#"["text", "text"]"#,
            "3",
            r#"{"a": "text", "a*": "text"}"#,
        ] {
            assert!(serde_json::from_str::<Shape>(wrong).is_err(), "{wrong}");
        }
    }
}
