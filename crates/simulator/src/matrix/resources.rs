//! Classes of resources.

use std::hash::{Hash, Hasher};

use preclear_model::ArnRef;
use rayon::prelude::*;

use super::Axes;
use super::content::{Quick, are_same_grants};
use super::corpus::{Corpus, PolicyId, Table};
use super::patterns::{Hits, Patterns};
use crate::engine::Engine;
use crate::engine::keys::CompiledKey;
use crate::engine::resources::CompiledResource;
use crate::request::Request;
use crate::snapshot::{KeyManager, KeyRecord, Tags};

/// Resources that one thread takes at least.
const SHARE_MIN: usize = 256;

/// What decisions tell resources apart by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Class<'a> {
    /// This one.
    Own(&'a str),
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
enum Seen<'a> {
    /// It is alone.
    Own,
    Parted(Parted<'a>),
}

struct Parted<'a> {
    text: &'a str,
    /// Up to the last slash or colon, that included.
    head: &'a str,
    key: Option<(&'a KeyRecord, u64)>,
    carrier: Option<usize>,
    is_external: bool,
}

/// What texts with one head have in common.
struct Head {
    /// `None` where every one of them is alone.
    class: Option<u32>,
    /// Patterns that look further.
    further: Vec<u32>,
}

/// A number for the class of each resource, from 0 in the order in which they first come.
pub(super) fn classes(engine: &Engine, axes: &Axes<'_>, corpus: &Corpus<'_>) -> Vec<u32> {
    let patterns = Patterns::of(&corpus.documents);
    let survey = Survey::of(engine, axes, corpus, &patterns);
    let resources = axes.resources.par_iter().with_min_len(SHARE_MIN);
    let seen: Vec<Seen<'_>> = resources.map(|text| survey.see(text)).collect();
    let mut sorter = Sorter {
        survey: &survey,
        heads: Table::default(),
        head_classes: Table::default(),
        keys: Table::default(),
        key_count: 0,
    };
    let mut known: Table<Class<'_>, u32> = Table::default();
    let classes = axes.resources.iter().zip(&seen).map(|(text, seen)| {
        let class = sorter.class(text, seen);
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(class).or_insert(next)
    });
    classes.collect()
}

/// True where a key may have a policy that no document of the snapshot holds. Rule: KMS-AMK-1.
pub(super) fn may_have_templates(engine: &Engine, axes: &Axes<'_>) -> bool {
    let keys = &engine.snapshot().keys;
    let is_made = |text: &String| text.contains("alias/aws/");
    keys.iter().any(|key| key.manager != KeyManager::Customer) || axes.resources.iter().any(is_made)
}

/// What is looked up for each resource by itself.
struct Survey<'a> {
    engine: &'a Engine,
    corpus: &'a Corpus<'a>,
    patterns: &'a Patterns,
    /// Parameters name a key, a grant or its token.
    all_differ: bool,
    has_refused: bool,
    speaks: Speaks<'a>,
}

/// What conditions and variables speak of.
struct Speaks<'a> {
    of_aliases: bool,
    of_last_use: bool,
    of_object_tags: bool,
    /// Names of resource tags, in lower case.
    of_tags: Vec<&'a str>,
}

impl<'a> Survey<'a> {
    fn of(
        engine: &'a Engine,
        axes: &Axes<'_>,
        corpus: &'a Corpus<'a>,
        patterns: &'a Patterns,
    ) -> Self {
        const TAGS: &str = "aws:resourcetag/";
        Self {
            engine,
            corpus,
            patterns,
            all_differ: names_keys(axes.base),
            has_refused: !engine.snapshot().rejected.is_empty(),
            speaks: Speaks {
                of_aliases: corpus.mentions("kms:resourcealiases"),
                of_last_use: corpus.mentions("kms:trailingdayswithoutkeyusage"),
                of_object_tags: corpus.mentions_any("s3:existingobjecttag/"),
                of_tags: corpus
                    .mentioned()
                    .filter_map(|key| key.strip_prefix(TAGS))
                    .collect(),
            },
        }
    }

    fn see<'t>(&'t self, text: &'t str) -> Seen<'t> {
        self.part(text).map_or(Seen::Own, Seen::Parted)
    }

    fn part<'t>(&'t self, text: &'t str) -> Option<Parted<'t>> {
        if self.all_differ || self.patterns.spells_out(text) {
            return None;
        }
        let arn = ArnRef::parse(text)?;
        let start = text.rfind(['/', ':'])? + 1;
        let (head, name) = text.split_at_checked(start)?;
        let is_key = arn.service() == "kms";
        let is_plain = !name.is_empty() && name.bytes().all(is_plain);
        let is_identity = matches!(arn.service(), "iam" | "sts");
        let is_other_of_kms = is_key && arn.resource().strip_prefix("key/") != Some(name);
        if !is_plain || is_identity || is_other_of_kms || self.is_refused(text) {
            return None;
        }
        let is_external = self.engine.is_external(text);
        if arn.service() == "s3" && self.engine.has_external() {
            return None;
        }
        let carrier = self.engine.resources().carrier(arn);
        if carrier.is_some_and(|carrier| !self.is_shared_carrier(carrier, arn)) {
            return None;
        }
        let key = is_key.then(|| self.engine.keys().resolve(arn)).flatten();
        Some(Parted {
            text,
            head,
            key: match key {
                Some(key) => Some(self.key(key)?),
                None => None,
            },
            carrier: carrier.map(|carrier| std::ptr::from_ref(carrier).addr()),
            is_external,
        })
    }

    fn is_refused(&self, text: &str) -> bool {
        let mut owners = self.engine.snapshot().rejected.values();
        self.has_refused && owners.any(|owners| owners.contains(text))
    }

    /// False for a resource that is listed itself, and for an object whose tags count.
    fn is_shared_carrier(&self, carrier: &CompiledResource, arn: ArnRef<'_>) -> bool {
        let record = &carrier.record;
        let has_tags_of_its_own = self.speaks.of_object_tags && !record.objects.is_empty();
        record.arn.as_arn_ref() != arn
            && !has_tags_of_its_own
            && !self.is_refused(record.arn.as_str())
    }

    /// A key that others may be like, and a hash of what counts of it.
    fn key<'k>(&self, key: &'k CompiledKey) -> Option<(&'k KeyRecord, u64)> {
        let record = &key.record;
        if record.manager != KeyManager::Customer {
            return None;
        }
        let texts = [&record.spec, &record.usage, &record.origin];
        let aliases = record.aliases.as_ref().filter(|_| self.speaks.of_aliases);
        let mut hasher = Quick::default();
        (self.policies(record), texts, aliases, record.multi_region).hash(&mut hasher);
        record.grants.as_ref().map(Vec::len).hash(&mut hasher);
        self.tags(record.tags.as_ref())
            .for_each(|tag| tag.hash(&mut hasher));
        Some((record, hasher.finish()))
    }

    fn policies(&self, record: &KeyRecord) -> [PolicyId; 2] {
        [&record.policy, &record.ram_policy].map(|policy| self.corpus.id(policy))
    }

    /// The tags that policies speak of.
    fn tags<'t>(&self, tags: Option<&'t Tags>) -> impl Iterator<Item = (&'t String, &'t String)> {
        let names = &self.speaks.of_tags;
        let all = tags.into_iter().flatten();
        all.filter(|(name, _)| !names.is_empty() && names.contains(&name.to_lowercase().as_str()))
    }

    /// True for keys that no decision tells apart but by their ARN.
    fn are_alike(&self, one: &KeyRecord, other: &KeyRecord) -> bool {
        let Speaks {
            of_aliases,
            of_last_use,
            ref of_tags,
            ..
        } = self.speaks;
        self.policies(one) == self.policies(other)
            && [&one.spec, &one.usage, &one.origin] == [&other.spec, &other.usage, &other.origin]
            && (one.manager, &one.service) == (other.manager, &other.service)
            && (one.multi_region, &one.multi_region_type)
                == (other.multi_region, &other.multi_region_type)
            && (!of_aliases || one.aliases == other.aliases)
            && (!of_last_use || one.last_used == other.last_used)
            && (of_tags.is_empty() || one.tags.is_some() == other.tags.is_some())
            && self
                .tags(one.tags.as_ref())
                .eq(self.tags(other.tags.as_ref()))
            && are_same_grants(one.grants.as_deref(), other.grants.as_deref())
    }
}

/// Bytes of names whose end no pattern of a head can look into.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=' | b'+')
}

/// True where the request says which key or grant it is about, beside its resource.
fn names_keys(base: &Request) -> bool {
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

/// Brings resources together.
struct Sorter<'s, 'a> {
    survey: &'s Survey<'a>,
    heads: Table<&'s str, Head>,
    head_classes: Table<HeadClass<'s>, u32>,
    /// Keys that differ, by hash, with their numbers.
    keys: Table<u64, Vec<(u32, &'s KeyRecord)>>,
    key_count: u32,
}

/// Partition, service, Region, account, and what every text of the head matches.
type HeadClass<'s> = ([&'s str; 4], Hits);

impl<'s> Sorter<'s, '_> {
    fn class(&mut self, text: &'s str, seen: &Seen<'s>) -> Class<'s> {
        let shared = match seen {
            Seen::Own => None,
            Seen::Parted(parted) => self.shared(parted),
        };
        shared.unwrap_or(Class::Own(text))
    }

    fn shared(&mut self, parted: &Parted<'s>) -> Option<Class<'s>> {
        let survey = self.survey;
        let head = match self.heads.get(parted.head) {
            Some(head) => head,
            None => {
                let head = self.head(parted)?;
                self.heads.entry(parted.head).or_insert(head)
            }
        };
        let class = head.class?;
        let hits = survey.patterns.hits(&head.further, parted.text)?;
        Some(Class::Shared {
            head: class,
            hits,
            key: parted.key.map(|(key, hash)| self.key(key, hash)),
            carrier: parted.carrier,
            is_external: parted.is_external,
        })
    }

    fn head(&mut self, parted: &Parted<'s>) -> Option<Head> {
        let arn = ArnRef::parse(parted.text)?;
        let Some((hits, further)) = self.survey.patterns.of_head(parted.head, parted.text) else {
            return Some(Head {
                class: None,
                further: Vec::new(),
            });
        };
        let fields = [arn.partition(), arn.service(), arn.region(), arn.account()];
        let next = u32::try_from(self.head_classes.len()).unwrap_or(u32::MAX);
        let class = *self.head_classes.entry((fields, hits)).or_insert(next);
        Some(Head {
            class: Some(class),
            further,
        })
    }

    /// The number of a key and of those that are like it.
    fn key(&mut self, key: &'s KeyRecord, hash: u64) -> u32 {
        let of_hash = self.keys.entry(hash).or_default();
        let like = of_hash
            .iter()
            .find(|(_, known)| self.survey.are_alike(known, key));
        if let Some((number, _)) = like {
            return *number;
        }
        let number = self.key_count;
        self.key_count += 1;
        of_hash.push((number, key));
        number
    }
}
