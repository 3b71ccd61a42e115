//! Members of an API request, as `parameters` of a request has them or a flag gives them. Rule: UI-38.

use std::path::Path;
use std::sync::Arc;

use preclear_model::{Diagnostics, Node, Policy, PolicyKind, Source};
use preclear_simulator::parameters;
use preclear_simulator::request::Request;
use serde_json::{Map, Value};

use super::mistakes;
use crate::asked::report_placeholders;
use crate::files::Files;
use crate::loader::{Loaded, Loader, Options, Origin};

/// Members of an API request, as `parameters` of a request has them.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// All of them.
    pub members: Map<String, Value>,
    /// The key policy among them. Rule: KMS-POL-15.
    pub policy: Option<Arc<Policy>>,
    /// Where they stand.
    text: (Arc<Source>, Node),
}

impl Parameters {
    /// What is wrong with them as members of the call that the request asks about. Rule: UI-38.
    #[must_use]
    pub fn check(&self, request: &Request) -> Diagnostics {
        let (source, node) = &self.text;
        let mistakes = parameters::mistakes(request).into_iter();
        let own = mistakes.filter_map(|mistake| {
            let span = mistakes::span(node, &mistake)?;
            Some(mistakes::diagnostic(mistake, source.place(span)))
        });
        own.collect()
    }
}

/// Reads members of an API request from a file, or from JSON or YAML of the flag `name`: what `--parameters` takes.
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn read_parameters(
    given: &str,
    name: &str,
    files: &dyn Files,
    options: &Options,
) -> Result<Loaded<Parameters>, Diagnostics> {
    let mut loader = Loader::new(files, options);
    let document = if given.trim_start().starts_with('{') {
        loader.parse(Arc::new(Source::new(name, given)), Path::new(""))
    } else {
        loader.document(Path::new(given), None)
    };
    let read = document.and_then(|document| {
        let (node, origin) = (&*document.node, &document.origin);
        if report_placeholders(&mut loader, node, &origin.source) {
            return None;
        }
        let members = members(&mut loader, node, origin)?;
        let policy = node.get("Policy").filter(|node| !node.is_null());
        let policy = match policy {
            Some(node) => Some(loader.policy_of_request(
                node,
                origin,
                PolicyKind::Key,
                "parameters/Policy".to_owned(),
            )?),
            None => None,
        };
        Some(Parameters {
            members,
            policy,
            text: (Arc::clone(&origin.source), node.clone()),
        })
    });
    loader.finish(read)
}

/// Members of an API request, as JSON.
pub(super) fn members(
    loader: &mut Loader<'_>,
    node: &Node,
    origin: &Origin,
) -> Option<Map<String, Value>> {
    match loader.json(node) {
        Value::Object(members) => Some(members),
        _ => {
            loader.wrong_type("parameters", "an object", node, origin);
            None
        }
    }
}
