//! Properties of AWS policies as tests: *nobody outside the account can ever decrypt with this key*, in `cargo test`.
//!
//! [`Policies`] are read once, from the same snapshot that the program reads. A [`Property`] says who must never, or must always, be
//! allowed to do what, on what. [`Property::check`] asks the engine about every such caller, action and resource, each time about
//! every context at once: what a request may bring is unknown, and an answer that does not depend on it holds for all requests.
//!
//! ```
//! use preclear_properties::{Callers, Failure, Policies, Property};
//!
//! let key_policy = |condition: &str| {
//!     let snapshot = format!(
//!         r#"
//! preclear: 1
//! account: "111122223333"
//! complete: true
//! principals: []
//! keys:
//!   - arn: arn:aws:kms:us-west-2:111122223333:key/k1
//!     aliases: [alias/dataset]
//!     policy:
//!       Version: "2012-10-17"
//!       Statement:
//!         - Effect: Allow
//!           Principal: {{AWS: "*"}}
//!           Action: kms:Decrypt
//!           Resource: "*"
//!           Condition: {{StringEquals: {{{condition}}}}}
//! "#
//!     );
//!     Policies::from_texts([("snapshot.yaml", snapshot)])
//! };
//! let strangers = Property::never("nobody outside the account can decrypt")
//!     .callers(Callers::anyone().outside_account("111122223333"))
//!     .action("kms:Decrypt")
//!     .resource("alias/dataset");
//!
//! // In a test: `strangers.assert(&policies);`
//! let sound = key_policy(r#""kms:ViaService": s3.us-west-2.amazonaws.com, "kms:CallerAccount": "111122223333""#)?;
//! assert!(strangers.check(&sound).is_ok());
//!
//! let leaky = key_policy(r#""kms:ViaService": s3.us-west-2.amazonaws.com"#)?;
//! let Err(Failure::Refuted(found)) = strangers.check(&leaky) else { panic!() };
//! assert_eq!(found.context["kms:ViaService"], "= s3.us-west-2.amazonaws.com");
//! assert_eq!(found.culprits.len(), 1);
//! # Ok::<(), preclear_properties::LoadError>(())
//! ```
//!
//! # Outcomes
//!
//! - [`Proof`]: it holds of every request that [`Scope`] speaks of. A property about nothing is no proof but an error.
//! - [`Failure::Refuted`]: one request that contradicts it, with no condition key and no statement that could be left out.
//! - [`Failure::Open`]: some answers depend on what nobody knows, and no context was found that settles them. It fails a test;
//!   what it depends on can be loaded, or stated with [`Property::when`] and its siblings.
//! - [`Failure::Unusable`]: an action that does not exist, callers that are nobody, resources that are not listed, a value that is
//!   none of its key's type, a time that is none. What only looks like a slip is a note of the outcome ([`Scope::notes`]).
//!
//! # What a proof means
//!
//! That the engine answers each question as claimed while every condition key is unknown that a request may have or lack: the
//! network, the time, tags of sessions where a trust policy takes them, tags and encryption contexts that calls pass, the alias that a key is
//! called by, services on the way. Of callers that are not listed all is unknown that policies may tell them apart by, and what
//! their own policies allow counts as allowed. An answer that is *allow* or *deny* then is so however the rest is filled in.
//!
//! It does not speak of what the snapshot does not hold: keys, buckets and own identities that are not listed (unless the snapshot is not
//! `complete`), endpoint policies (they only take away; name one with [`Property::through_endpoint`]), session policies (likewise),
//! chains of permissions such as changing a policy first, and what [`NOT_MODELLED`] lists. Tags and other keys that calls for an
//! action do not carry, as the catalogue has it, are absent.
//!
//! The crate knows files to read and nothing of rules: all answers are the engine's. It draws no request at random but where it looks for a
//! counterexample, and there the same seed draws the same.
#![forbid(unsafe_code)]

mod callers;
mod candidates;
mod check;
mod culprits;
mod given;
mod names;
mod outcome;
mod policies;
mod property;
mod question;
mod render;
mod search;
mod selection;
mod statements;

pub use callers::Callers;
pub use culprits::Culprit;
pub use outcome::{Counterexample, Failure, Open, Proof, Scope, Unusable};
pub use policies::{LoadError, Policies};
pub use preclear_simulator::{AmbiguityMode, NOT_MODELLED};
pub use property::{Claim, Property};
