//! The tables of KMS authorization: operations and their IAM actions, the members of requests, exceptions, key states, key specs, policies that AWS writes.
//!
//! Knows tables only; what an operation's permissions amount to is decided by the simulator.

mod action;
mod exception;
mod operation;
mod parameter;
mod policy;
mod spec;
mod state;

pub use action::{
    CrossAccount, KmsAction, MULTI_REGION_ROLE, MULTI_REGION_SERVICE, MultiRegionNeed, Parameter,
    PermissionSource, Target, UsableKeys, action, actions, canonical_key, is_older_key, older_key,
    parameter_keys,
};
pub use exception::KmsException;
pub use operation::{KmsOperation, KmsPermission, Need, operation, operations, operations_needing};
pub use parameter::{Members, ParameterType};
pub use policy::{
    aws_managed_key_policy, aws_managed_key_services, default_key_policy, via_service,
};
pub use spec::{KeyFamily, KeySpec, key_family, spec, specs};
pub use state::{KeyState, StateCaveat, StateClass, StateOutcome, state_outcome};
