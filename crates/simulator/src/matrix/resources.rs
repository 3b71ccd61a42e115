//! Classes of resources.

use std::hash::{Hash, Hasher};

use preclear_model::ArnRef;

use super::content::{Quick, are_same_grants};
use super::corpus::{Corpus, PolicyId, RESOURCE_TAGS, Table};
use super::numbers::{Full, Numbers};
use super::patterns::{Hits, Patterns};
use crate::engine::Engine;
use crate::engine::resources::CompiledResource;
use crate::engine::table::NameTable;
use crate::request::Request;
use crate::snapshot::{KeyManager, KeyRecord, NOT_KNOWN, Tags};

/// What decisions tell resources apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// This one.
    Own(Box<str>),
    Shared {
        head: u32,
        /// Of patterns that look behind the head.
        hits: Hits,
        key: Option<u32>,
        /// Address of the listed resource behind it.
        carrier: Option<usize>,
        is_external: bool,
    },
}

/// What is found of one resource without looking at others.
struct Parted<'t> {
    arn: ArnRef<'t>,
    text: &'t str,
    /// Up to the last slash or colon, that included.
    head: &'t str,
    key: Option<u32>,
    carrier: Option<usize>,
    is_external: bool,
}

/// What texts with one head have in common.
#[derive(Debug)]
struct Head {
    /// `None` where every one of them is alone.
    class: Option<u32>,
    /// Patterns that look further.
    further: Vec<u32>,
}

/// Heads that were met before.
#[derive(Debug, Default)]
pub(super) struct Heads(NameTable<Box<str>, Head>);

impl Heads {
    /// Forgets all heads where there are so many.
    pub(super) fn make_room(&mut self, max: usize) {
        if self.0.len() >= max {
            self.0.clear();
        }
    }
}

/// Partition, service, Region, account, what the form of the ARN is told by where that counts, and what every text of the
/// head matches.
pub(super) type HeadClass = ([Box<str>; 4], Box<str>, Hits);

/// What is asked of every resource.
#[derive(Debug)]
pub(super) struct Questions {
    patterns: Patterns,
    has_refused: bool,
    /// Some listed key may have a policy that no document of the snapshot holds. Rule: KMS-AMK-1.
    pub(super) has_templates: bool,
    /// Conditions and variables speak of tags of objects.
    speaks_of_object_tags: bool,
    /// The same of tags of resources.
    speaks_of_tags: bool,
    /// The class of each listed key, by its place; `None` for one that is alone.
    keys: Vec<Option<u32>>,
}

impl Questions {
    pub(super) fn of(engine: &Engine, corpus: &Corpus) -> Self {
        let snapshot = engine.snapshot();
        Self {
            patterns: Patterns::of(&corpus.documents),
            has_refused: !snapshot.rejected.is_empty(),
            has_templates: snapshot
                .keys
                .iter()
                .any(|key| key.manager != KeyManager::Customer),
            speaks_of_tags: corpus.mentions_any(RESOURCE_TAGS),
            speaks_of_object_tags: corpus.mentions_any("s3:existingobjecttag/"),
            keys: Speaks::of(corpus).classes(&snapshot.keys),
        }
    }

    /// The class of a resource.
    ///
    /// # Errors
    ///
    /// No number is left.
    pub(super) fn class(
        &self,
        engine: &Engine,
        text: &str,
        heads: &mut Heads,
        numbers: &Numbers,
    ) -> Result<Class, Full> {
        let own = || Class::Own(text.into());
        let Some(parted) = self.part(engine, text) else {
            return Ok(own());
        };
        let head = match heads.0.get(parted.head) {
            Some(head) => head,
            None => {
                let head = self.head(&parted, numbers)?;
                heads.0.entry(parted.head.into()).or_insert(head)
            }
        };
        let Some(class) = head.class else {
            return Ok(own());
        };
        Ok(match self.patterns.hits(&head.further, text) {
            Some(hits) => Class::Shared {
                head: class,
                hits,
                key: parted.key,
                carrier: parted.carrier,
                is_external: parted.is_external,
            },
            None => own(),
        })
    }

    /// `None` for a resource that is alone.
    fn part<'t>(&self, engine: &Engine, text: &'t str) -> Option<Parted<'t>> {
        if self.patterns.spells_out(text) {
            return None;
        }
        let arn = ArnRef::parse(text)?;
        let start = text.rfind(['/', ':'])? + 1;
        let (head, name) = text.split_at_checked(start)?;
        let is_key = arn.service() == "kms";
        let is_plain = !name.is_empty() && name.bytes().all(is_plain);
        let is_identity = matches!(arn.service(), "iam" | "sts");
        let is_other_of_kms = is_key && arn.resource().strip_prefix("key/") != Some(name);
        if !is_plain || is_identity || is_other_of_kms || self.is_refused(engine, text) {
            return None;
        }
        let is_external = engine.is_external(text);
        if arn.service() == "s3" && engine.has_external() {
            return None;
        }
        let carrier = engine.resources().carrier(arn);
        if carrier.is_some_and(|carrier| !self.is_shared_carrier(engine, carrier, arn)) {
            return None;
        }
        let key = is_key.then(|| engine.keys().place(text)).flatten();
        Some(Parted {
            arn,
            text,
            head,
            key: match key {
                Some(place) => Some((*self.keys.get(place)?)?),
                None => None,
            },
            carrier: carrier.map(|carrier| std::ptr::from_ref(carrier).addr()),
            is_external,
        })
    }

    fn is_refused(&self, engine: &Engine, text: &str) -> bool {
        let mut owners = engine.snapshot().rejected.values();
        self.has_refused && owners.any(|owners| owners.contains(text))
    }

    /// False for a resource that is listed itself, and for an object whose tags count. Where the policy of the one behind it was refused,
    /// all that share it are alike; they are alone, as everything that is refused.
    fn is_shared_carrier(
        &self,
        engine: &Engine,
        carrier: &CompiledResource,
        arn: ArnRef<'_>,
    ) -> bool {
        let record = &carrier.record;
        let has_tags_of_its_own = self.speaks_of_object_tags && !record.objects.is_empty();
        record.arn.as_arn_ref() != arn
            && !has_tags_of_its_own
            && !self.is_refused(engine, record.arn.as_str())
    }

    fn head(&self, parted: &Parted<'_>, numbers: &Numbers) -> Result<Head, Full> {
        let arn = parted.arn;
        let Some((hits, further)) = self.patterns.of_head(parted.head, parted.text) else {
            return Ok(Head {
                class: None,
                further: Vec::new(),
            });
        };
        let fields = [arn.partition(), arn.service(), arn.region(), arn.account()];
        // Whether a call makes the resource turns on the form of its ARN (IAM-CTX-8).
        let form = match parted.head.get(arn.head_len()..) {
            Some(form) if self.speaks_of_tags && arn.service() == "s3" => {
                // A bucket's, or an object's.
                form.rfind('/').and_then(|at| form.get(at..))
            }
            Some(form) if self.speaks_of_tags => Some(form),
            _ => None,
        };
        let form = form.unwrap_or_default();
        let class = numbers
            .heads
            .number((fields.map(Box::from), form.into(), hits))?;
        Ok(Head {
            class: Some(class),
            further,
        })
    }
}

/// Bytes of names whose end no pattern of a head can look into. Of other names no two are known that are taken for one and differ.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'+')
}

/// True for a resource that stands for a key which AWS makes, from a policy that no document of the snapshot holds. Rule: KMS-AMK-1.
pub(super) fn may_be_made(resource: &str) -> bool {
    resource.contains("alias/aws/")
}

/// True where the request says which key or grant it is about, beside its resource.
pub(super) fn names_keys(base: &Request) -> bool {
    const MEMBERS: [&str; 9] = [
        "AliasName",
        "DestinationKeyId",
        "GrantId",
        "GrantToken",
        "GrantTokens",
        "KeyId",
        "RoleArn",
        "SourceKeyId",
        "TargetKeyId",
    ];
    let mut members = base.parameters.iter().flatten();
    base.ciphertext_key.is_some()
        || base.key_policy_candidate.is_some()
        || members.any(|(name, _)| MEMBERS.contains(&name.as_str()))
}

/// What policies speak of, for keys.
struct Speaks<'a> {
    corpus: &'a Corpus,
    of_aliases: bool,
    of_last_use: bool,
    /// Names of resource tags, in lower case.
    of_tags: Vec<&'a str>,
}

impl<'a> Speaks<'a> {
    fn of(corpus: &'a Corpus) -> Self {
        Self {
            corpus,
            of_aliases: corpus.mentions("kms:resourcealiases"),
            of_last_use: corpus.mentions("kms:trailingdayswithoutkeyusage"),
            of_tags: corpus
                .mentioned()
                .filter_map(|key| key.strip_prefix(RESOURCE_TAGS))
                .collect(),
        }
    }

    /// A number for what counts of each key; `None` for a key that no other is like.
    fn classes(&self, keys: &[KeyRecord]) -> Vec<Option<u32>> {
        let mut by_hash: Table<u64, Vec<(u32, &KeyRecord)>> = Table::default();
        let mut count = 0;
        let classes = keys.iter().map(|key| {
            if key.manager != KeyManager::Customer {
                return None;
            }
            let of_hash = by_hash.entry(self.hash(key)).or_default();
            let mut like = of_hash.iter();
            if let Some((number, _)) = like.find(|(_, known)| self.are_alike(known, key)) {
                return Some(*number);
            }
            let number = count;
            count += 1;
            of_hash.push((number, key));
            Some(number)
        });
        classes.collect()
    }

    fn hash(&self, record: &KeyRecord) -> u64 {
        let texts = [&record.spec, &record.usage, &record.origin];
        let aliases = record.aliases.as_ref().filter(|_| self.of_aliases);
        let mut hasher = Quick::default();
        (self.policies(record), texts, aliases, record.multi_region).hash(&mut hasher);
        record.grants.as_ref().map(Vec::len).hash(&mut hasher);
        self.tags(record.tags.as_ref())
            .for_each(|tag| tag.hash(&mut hasher));
        hasher.finish()
    }

    fn policies(&self, record: &KeyRecord) -> [PolicyId; 2] {
        [&record.policy, &record.ram_policy].map(|policy| self.corpus.id(policy))
    }

    /// The tags that policies speak of.
    fn tags<'t>(&self, tags: Option<&'t Tags>) -> impl Iterator<Item = (&'t String, &'t String)> {
        let names = &self.of_tags;
        let is_meant = |name: &String| {
            let is_same = |meant: &&str| match name.is_ascii() {
                true => meant.eq_ignore_ascii_case(name),
                false => **meant == *name.to_lowercase(),
            };
            name == NOT_KNOWN || names.iter().any(is_same)
        };
        let all = tags.into_iter().flatten();
        all.filter(move |(name, _)| is_meant(name))
    }

    /// True for keys of customers that no decision tells apart but by their ARN.
    fn are_alike(&self, one: &KeyRecord, other: &KeyRecord) -> bool {
        self.policies(one) == self.policies(other)
            && [&one.spec, &one.usage, &one.origin] == [&other.spec, &other.usage, &other.origin]
            && (one.multi_region, &one.multi_region_type)
                == (other.multi_region, &other.multi_region_type)
            && (!self.of_aliases || one.aliases == other.aliases)
            && (!self.of_last_use || one.last_used == other.last_used)
            && (self.of_tags.is_empty() || one.tags.is_some() == other.tags.is_some())
            && self
                .tags(one.tags.as_ref())
                .eq(self.tags(other.tags.as_ref()))
            && are_same_grants(one.grants.as_deref(), other.grants.as_deref())
    }
}
