//! Compiled `*` and `?` patterns for preclear, linear in the text.
