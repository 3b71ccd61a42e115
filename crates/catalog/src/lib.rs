//! AWS services, actions, resource types and condition keys, KMS operations and job templates as embedded data.
