//! Tests of single statement elements. Each knows one element and nothing of layers or services.

pub(crate) mod action;
pub(crate) mod principal;
pub(crate) mod resource;
