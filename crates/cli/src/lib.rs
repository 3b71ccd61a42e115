//! Local policy simulator for AWS IAM and KMS: will this request, or this whole job, be allowed?
