//! What KMS answers to a call that it authorised and does not carry out.

/// An exception that an authorised call can be foretold to meet. Those that hang on what no request states are none of them: a
/// ciphertext's context, a token's content, the service's own failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KmsException {
    /// What is to be made exists.
    AlreadyExists,
    /// The key is disabled.
    Disabled,
    /// A rehearsal that would have succeeded. Rule: KMS-ACT-7
    DryRunOperation,
    /// Another key made the ciphertext. Rule: KMS-ID-6
    IncorrectKey,
    /// No alias can have the name. Rule: KMS-ID-8
    InvalidAliasName,
    /// An identifier of another form than the operation takes, or of nobody who can be named. Rule: KMS-GRANT-4
    InvalidArn,
    /// The key is for another use. Rule: KMS-STATE-3
    InvalidKeyUsage,
    /// The key's state forbids it. Rule: KMS-STATE-2
    InvalidState,
    /// A quota is used up.
    LimitExceeded,
    /// A key policy that KMS does not store. Rule: KMS-POL-12, KMS-POL-15
    MalformedPolicyDocument,
    /// There is nothing of that name.
    NotFound,
    /// The key is of another kind.
    UnsupportedOperation,
    /// Parameters that do not fit, by themselves or together. Rule: KMS-GRANT-2
    Validation,
}

impl KmsException {
    /// Every one.
    pub const ALL: [KmsException; 13] = [
        KmsException::AlreadyExists,
        KmsException::Disabled,
        KmsException::DryRunOperation,
        KmsException::IncorrectKey,
        KmsException::InvalidAliasName,
        KmsException::InvalidArn,
        KmsException::InvalidKeyUsage,
        KmsException::InvalidState,
        KmsException::LimitExceeded,
        KmsException::MalformedPolicyDocument,
        KmsException::NotFound,
        KmsException::UnsupportedOperation,
        KmsException::Validation,
    ];

    /// AWS's name; for parameters that do not fit the one that the rules have.
    ///
    /// ```
    /// use preclear_catalog::kms::KmsException;
    /// assert_eq!(KmsException::InvalidState.name(), "KMSInvalidStateException");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            KmsException::AlreadyExists => "AlreadyExistsException",
            KmsException::Disabled => "DisabledException",
            KmsException::DryRunOperation => "DryRunOperationException",
            KmsException::IncorrectKey => "IncorrectKeyException",
            KmsException::InvalidAliasName => "InvalidAliasNameException",
            KmsException::InvalidArn => "InvalidArnException",
            KmsException::InvalidKeyUsage => "InvalidKeyUsageException",
            KmsException::InvalidState => "KMSInvalidStateException",
            KmsException::LimitExceeded => "LimitExceededException",
            KmsException::MalformedPolicyDocument => "MalformedPolicyDocumentException",
            KmsException::NotFound => "NotFoundException",
            KmsException::UnsupportedOperation => "UnsupportedOperationException",
            KmsException::Validation => "ValidationError",
        }
    }
}
