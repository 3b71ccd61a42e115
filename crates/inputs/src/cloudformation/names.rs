//! Names and ARNs of resources. A name that CloudFormation makes up is the logical id here.

use preclear_model::Node;

use super::evaluate::{DEPTH_MAX, Evaluated, Template};

/// How a type is named: the service, what stands before the name in its ARN, the property of the name, and what `Ref` gives.
struct Shape {
    service: &'static str,
    prefix: &'static str,
    property: &'static str,
    reference: Gives,
}

/// What `Ref` gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Name,
    Arn,
    Url,
}

fn shape(kind: &str) -> Option<Shape> {
    let shape = |service, prefix, property, reference| Shape {
        service,
        prefix,
        property,
        reference,
    };
    Some(match kind {
        "AWS::IAM::Role" => shape("iam", "role", "RoleName", Gives::Name),
        "AWS::IAM::User" => shape("iam", "user", "UserName", Gives::Name),
        "AWS::IAM::Group" => shape("iam", "group", "GroupName", Gives::Name),
        "AWS::IAM::ManagedPolicy" => shape("iam", "policy", "ManagedPolicyName", Gives::Arn),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => shape("kms", "key/", "", Gives::Name),
        "AWS::KMS::Alias" => shape("kms", "", "AliasName", Gives::Name),
        "AWS::S3::Bucket" => shape("s3", "", "BucketName", Gives::Name),
        "AWS::SQS::Queue" => shape("sqs", "", "QueueName", Gives::Url),
        "AWS::SNS::Topic" => shape("sns", "", "TopicName", Gives::Arn),
        "AWS::Lambda::Function" => shape("lambda", "function:", "FunctionName", Gives::Name),
        "AWS::SageMaker::Model" => shape("sagemaker", "model/", "ModelName", Gives::Arn),
        "AWS::SageMaker::NotebookInstance" => shape(
            "sagemaker",
            "notebook-instance/",
            "NotebookInstanceName",
            Gives::Arn,
        ),
        "AWS::SageMaker::EndpointConfig" => shape(
            "sagemaker",
            "endpoint-config/",
            "EndpointConfigName",
            Gives::Arn,
        ),
        "AWS::SageMaker::Domain" => shape("sagemaker", "domain/", "", Gives::Name),
        "AWS::EC2::VPCEndpoint" => shape("ec2", "", "", Gives::Name),
        _ => return None,
    })
}

fn kind_of(template: &Template<'_>, name: &str) -> Option<Shape> {
    let kind = template.resource(name)?.get("Type")?.scalar_text()?;
    shape(kind)
}

/// A text property that is determined.
fn property(template: &Template<'_>, name: &str, property: &str, rest: usize) -> Option<String> {
    let node = template.resource(name)?.get("Properties")?.get(property)?;
    match template.evaluate_within(node, rest) {
        Evaluated::Known(node) => node.scalar_text().map(str::to_owned),
        Evaluated::NoValue | Evaluated::Later(_) => None,
    }
}

/// The name of a resource: of a key its id.
fn physical(template: &Template<'_>, name: &str, shape: &Shape, rest: usize) -> String {
    let kind = template
        .resource(name)
        .and_then(|node| node.get("Type"))
        .and_then(Node::scalar_text);
    if let Some(kind @ ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey")) = kind {
        let primary = property(template, name, "PrimaryKeyArn", rest);
        let primary = primary.and_then(|arn| Some(arn.rsplit_once('/')?.1.to_owned()));
        if let Some(primary) = primary {
            return primary;
        }
        let is_multi_region =
            kind == "AWS::KMS::ReplicaKey" || is_multi_region_within(template, name, rest);
        let prefix = if is_multi_region { "mrk-" } else { "" };
        return format!("{prefix}{name}");
    }
    property(template, name, shape.property, rest).unwrap_or_else(|| name.to_owned())
}

/// The property that names a resource.
pub(super) fn name_property(kind: &str) -> Option<&'static str> {
    let shape = shape(kind)?;
    (!shape.property.is_empty()).then_some(shape.property)
}

/// True for a key that says so.
pub(super) fn is_multi_region(template: &Template<'_>, name: &str) -> bool {
    is_multi_region_within(template, name, DEPTH_MAX)
}

fn is_multi_region_within(template: &Template<'_>, name: &str, rest: usize) -> bool {
    let node = template
        .resource(name)
        .and_then(|node| node.get("Properties")?.get("MultiRegion"));
    node.is_some_and(|node| match template.evaluate_within(node, rest) {
        Evaluated::Known(node) => node.as_scalar().is_some_and(|scalar| scalar.text == "true"),
        Evaluated::NoValue | Evaluated::Later(_) => false,
    })
}

impl Template<'_> {
    /// The ARN of a resource, of an endpoint its id; `None` for types without one.
    pub(super) fn arn(&self, name: &str) -> Option<String> {
        self.arn_within(name, DEPTH_MAX)
    }

    /// What stands for the ARN in the template, if this one is made of the logical id because CloudFormation makes up the name.
    pub(super) fn made_up(&self, name: &str) -> Option<String> {
        let shape = kind_of(self, name)?;
        let member = match (shape.service, shape.property) {
            ("ec2", _) => return None,
            ("kms", "") => "PrimaryKeyArn",
            (_, property) => property,
        };
        if !member.is_empty() && property(self, name, member, DEPTH_MAX).is_some() {
            return None;
        }
        Some(match (shape.reference, shape.prefix) {
            (Gives::Arn, _) => format!("!Ref {name}"),
            (_, "domain/") => format!("!GetAtt {name}.DomainArn"),
            _ => format!("!GetAtt {name}.Arn"),
        })
    }

    fn arn_within(&self, name: &str, rest: usize) -> Option<String> {
        let shape = kind_of(self, name)?;
        let (account, region) = self.home();
        let partition = self.partition();
        let physical = physical(self, name, &shape, rest);
        let Shape {
            service, prefix, ..
        } = shape;
        Some(match service {
            "iam" => {
                let path = property(self, name, "Path", rest).unwrap_or_else(|| "/".to_owned());
                format!("arn:{partition}:iam::{account}:{prefix}{path}{physical}")
            }
            "s3" => format!("arn:{partition}:s3:::{physical}"),
            "ec2" => physical,
            _ => format!("arn:{partition}:{service}:{region}:{account}:{prefix}{physical}"),
        })
    }
}

/// What `Ref` of a resource gives.
pub(super) fn reference(template: &Template<'_>, name: &str, rest: usize) -> Option<String> {
    // Names may be made of names, in a circle too.
    let rest = rest.checked_sub(1)?;
    let shape = kind_of(template, name)?;
    let physical = physical(template, name, &shape, rest);
    match shape.reference {
        Gives::Name => Some(physical),
        Gives::Arn => template.arn_within(name, rest),
        Gives::Url => {
            let (account, region) = template.home();
            let suffix = match template.partition() {
                "aws-cn" => "amazonaws.com.cn",
                _ => "amazonaws.com",
            };
            Some(format!(
                "https://sqs.{region}.{suffix}/{account}/{physical}"
            ))
        }
    }
}

/// What `Fn::GetAtt` of a resource gives, as far as names tell it.
pub(super) fn attribute(
    template: &Template<'_>,
    name: &str,
    attribute: &str,
    rest: usize,
) -> Option<String> {
    let rest = rest.checked_sub(1)?;
    let shape = kind_of(template, name)?;
    match (shape.service, attribute) {
        ("ec2", _) => None,
        (_, "Arn") | ("sns", "TopicArn") | ("iam", "PolicyArn") => template.arn_within(name, rest),
        ("kms", "KeyId") | ("sqs", "QueueName") | ("sns", "TopicName") => {
            Some(physical(template, name, &shape, rest))
        }
        ("sqs", "QueueUrl") => reference(template, name, rest),
        _ => None,
    }
}
