//! Which near misses could have changed an answer: those of layers and paths that do not allow. Rule: IAM-RSN-5.

use super::Evidences;
use super::elements::Elements;
use crate::compose::{Composition, Factor};
use crate::evaluate::LayerResult;
use crate::layer::Layer;

/// What the paths of a decision lack.
pub(super) struct Relevance<'r> {
    /// Factors that do not certainly hold; none where some path allows.
    lacking: Vec<&'r Factor>,
    is_granted: bool,
}

/// How a statement of a resource's policy would allow, were it to apply.
pub(super) enum Opening<'e> {
    /// By the entries that match the caller.
    By(&'e Elements),
    /// Its principal is what fails, so by any.
    ByAnybody,
}

impl<'r> Relevance<'r> {
    pub(super) fn of(composition: &'r Composition<Evidences>) -> Self {
        let is_granted = composition.granted.value.is_true();
        let factors = composition.paths.iter().flat_map(|path| &path.factors);
        let lacking = factors
            .filter(|(_, outcome)| !is_granted && !outcome.value.is_true())
            .map(|(factor, _)| factor)
            .collect();
        Self {
            lacking,
            is_granted,
        }
    }

    /// Whether another statement of the layer could be of use.
    pub(super) fn reaches(&self, layer: &LayerResult<'_, Evidences>) -> bool {
        match layer.layer {
            // A key policy may allow by another class than the one that is needed.
            Layer::Resource => !self.is_granted,
            _ if layer.allow.value.is_true() => false,
            // Guardrails stand beside the paths.
            Layer::Scp | Layer::Rcp | Layer::VpcEndpoint => true,
            own => self.lacking.iter().any(|factor| is_of_layer(factor, own)),
        }
    }

    /// Whether another grant could be of use.
    pub(super) fn reaches_grants(&self) -> bool {
        !self.is_granted
    }

    /// Whether a statement of the layer that allowed in this way would give a path something that it lacks.
    pub(super) fn opens(&self, layer: Layer, opening: Opening<'_>) -> bool {
        let opens = |factor: &Factor| match (factor, &opening) {
            (Factor::Resource(classes), Opening::By(elements)) => elements.may_match_by(classes),
            (Factor::Resource(classes), Opening::ByAnybody) => !classes.is_empty(),
            _ => false,
        };
        layer != Layer::Resource || self.lacking.iter().any(|factor| opens(factor))
    }
}

/// Whether the factor is what a policy of the caller's own says.
fn is_of_layer(factor: &Factor, layer: Layer) -> bool {
    match layer {
        Layer::Identity => matches!(factor, Factor::Identity | Factor::KeyTrust),
        Layer::Boundary => matches!(factor, Factor::Boundary | Factor::DisputedLimits),
        Layer::Session => matches!(factor, Factor::Session | Factor::DisputedLimits),
        _ => false,
    }
}
