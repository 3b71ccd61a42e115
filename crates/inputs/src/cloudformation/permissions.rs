//! `AWS::Lambda::Permission`: a statement each of a function's policy.

use preclear_model::Node;
use preclear_simulator::Layer;

use super::{Made, Reader};
use crate::sketch::{Condition, Permission};

/// All properties of a permission. What AWS adds to them narrows the permission in a way that nobody knows here.
const PROPERTIES: [&str; 10] = [
    "Action",
    "Principal",
    "SourceArn",
    "SourceAccount",
    "PrincipalOrgID",
    "EventSourceToken",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "FunctionName",
    "Id",
];

impl<'n> Reader<'n, '_, '_> {
    pub(super) fn permission(&mut self, made: Made<'n>) {
        let name = match self.value(made, "FunctionName") {
            Ok(name) => name.as_ref().and_then(Node::scalar_text).map(str::to_owned),
            Err(names) => {
                let then = "the policy of every function that it may be is not known";
                self.not_determined(made, "FunctionName", &names, then);
                let whose = (Layer::Resource, "lambda", "");
                return self.candidates(made, whose, None, names);
            }
        };
        let Some(name) = name else {
            return self.belongs_to_nothing(made, "which function it is of");
        };
        let arn = self.function_arn(&name);
        let mut open = self.uncertain.get(made.name).cloned().unwrap_or_default();
        let all = made.node.get("Properties").map_or(&[][..], Node::members);
        let others = all.iter().map(|member| member.name.as_str());
        open.extend(
            others
                .filter(|name| !PROPERTIES.contains(name))
                .map(str::to_owned),
        );
        let [
            action,
            principal,
            source_arn,
            source_account,
            organization,
            token,
            url,
            via_url,
            ..,
        ] = PROPERTIES.map(|property| match self.value(made, property) {
            Ok(node) => Some(node?.as_scalar()?.text.clone()),
            Err(names) => {
                open.extend(names);
                None
            }
        });
        if via_url.as_ref().is_some_and(|said| said != "true") {
            // Whether Lambda makes a condition of it is not documented.
            open.insert("InvokedViaFunctionUrl".to_owned());
        }
        if !open.is_empty() {
            return self.later(made, Layer::Resource, &arn, open);
        }
        let conditions: [Condition<'_>; 3] = [
            ("StringEquals", "lambda:EventSourceToken", token.as_deref()),
            ("StringEquals", "lambda:FunctionUrlAuthType", url.as_deref()),
            ("Bool", "lambda:InvokedViaFunctionUrl", via_url.as_deref()),
        ];
        let permission = Permission {
            sid: made.name,
            action: action.as_deref().unwrap_or("lambda:InvokeFunction"),
            principal: principal.as_deref().unwrap_or("*"),
            source_arn: source_arn.as_deref(),
            source_account: source_account.as_deref(),
            organization: organization.as_deref(),
        };
        let statement = permission.statement_with(made.node.span, &arn, &conditions);
        self.sketch.statement(&arn, statement);
    }

    /// The ARN of a function by its name, its ARN, or the end of one: `111122223333:function:NAME`.
    fn function_arn(&self, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let (account, region) = self.template.home();
        let (account, name) = name.split_once(":function:").unwrap_or((account, name));
        let partition = self.template.partition();
        format!("arn:{partition}:lambda:{region}:{account}:function:{name}")
    }
}
