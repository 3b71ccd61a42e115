//! Addresses in and out of the operands' blocks.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

use super::Value;
use crate::operator::{Block, MAPPED};

/// An address of each run of addresses that no operand divides. A key that may hold any text also holds texts that
/// are no addresses, and IPv4 addresses in the clothes of IPv6 (AMB-24); of those any key holds the ones that an operand
/// names in these clothes.
pub(super) fn values(blocks: &[Block], is_address: bool) -> Vec<Value> {
    let mut starts = Starts::new();
    for block in blocks {
        starts.divide_by(*block);
    }
    let four = runs(&starts.four, u32::MAX).map(|(first, last)| {
        let [first, last] = [first, last].map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
        run(first, last)
    });
    let is_mapped = |first: u128| MAPPED.contains(&Ipv6Addr::from_bits(first));
    let is_named = |first: u128| {
        blocks.iter().any(|block| match block.net() {
            IpNet::V6(net) => MAPPED.contains(&net) && net.contains(&Ipv6Addr::from_bits(first)),
            IpNet::V4(_) => false,
        })
    };
    let six = runs(&starts.six, u128::MAX)
        .filter(|(first, _)| !is_address || !is_mapped(*first) || is_named(*first))
        .map(|(first, last)| {
            let [first, last] = [first, last].map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)));
            run(first, last)
        });
    let mut values: Vec<Value> = four.chain(six).collect();
    if !is_address {
        values.push(Value::new("other", "no address"));
    }
    values
}

fn run(first: IpAddr, last: IpAddr) -> Value {
    let label = if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    };
    Value::new(first.to_string(), label)
}

/// First and last of each run.
fn runs<T: Copy + Ord + std::ops::Sub<Output = T> + From<u8>>(
    starts: &BTreeSet<T>,
    end: T,
) -> impl Iterator<Item = (T, T)> {
    let lasts = starts.iter().skip(1).map(|next| *next - T::from(1));
    starts.iter().copied().zip(lasts.chain([end]))
}

/// Where runs of addresses start.
struct Starts {
    four: BTreeSet<u32>,
    six: BTreeSet<u128>,
}

impl Starts {
    fn new() -> Self {
        let mut starts = Self {
            four: BTreeSet::from([0]),
            six: BTreeSet::from([0]),
        };
        starts.divide_six(MAPPED);
        starts
    }

    fn divide_by(&mut self, block: Block) {
        match block.net() {
            IpNet::V4(net) => {
                let (first, last) = (net.network(), net.broadcast());
                self.divide_four(first, last);
                self.six.insert(first.to_ipv6_mapped().to_bits());
                self.six.insert(last.to_ipv6_mapped().to_bits() + 1);
            }
            IpNet::V6(net) => {
                self.divide_six(net);
                let mapped = |address: Ipv6Addr| address.to_ipv4_mapped();
                if let (Some(first), Some(last)) = (mapped(net.network()), mapped(net.broadcast()))
                {
                    self.divide_four(first, last);
                }
            }
        }
    }

    fn divide_four(&mut self, first: Ipv4Addr, last: Ipv4Addr) {
        self.four.insert(first.to_bits());
        self.four.extend(last.to_bits().checked_add(1));
    }

    fn divide_six(&mut self, net: Ipv6Net) {
        self.six.insert(net.network().to_bits());
        self.six.extend(net.broadcast().to_bits().checked_add(1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::operator::Containment;

    fn texts(blocks: &[&str], is_address: bool) -> Vec<String> {
        let blocks: Vec<_> = blocks
            .iter()
            .map(|text| Block::parse(text).unwrap())
            .collect();
        let values = values(&blocks, is_address);
        values.into_iter().map(|value| value.text).collect()
    }

    #[test]
    fn a_run_is_told_by_its_ends() {
        let block = Block::parse("203.0.113.7").unwrap();
        let labels: Vec<String> = values(&[block], true)
            .into_iter()
            .map(|value| value.label)
            .collect();
        assert!(labels.contains(&"203.0.113.7".to_owned()), "{labels:?}");
        let before = "0.0.0.0 to 203.0.113.6".to_owned();
        assert!(labels.contains(&before), "{labels:?}");
    }

    #[test]
    fn runs_start_where_blocks_do_and_end() {
        assert_eq!(
            texts(&["203.0.113.7/24", "203.0.113.128/25"], true),
            [
                "0.0.0.0",
                "203.0.113.0",
                "203.0.113.128",
                "203.0.114.0",
                "::",
                "::1:0:0:0"
            ]
        );
        assert_eq!(
            texts(&["0.0.0.0/0", "::/0"], true),
            ["0.0.0.0", "::", "::1:0:0:0"]
        );
        assert_eq!(texts(&["255.255.255.255"], true).len(), 4);
        assert!(texts(&[], false).contains(&"::ffff:0.0.0.0".to_owned()));
        assert_eq!(
            texts(&["203.0.113.0/24"], false),
            [
                "0.0.0.0",
                "203.0.113.0",
                "203.0.114.0",
                "::",
                "::ffff:0.0.0.0",
                "::ffff:203.0.113.0",
                "::ffff:203.0.114.0",
                "::1:0:0:0",
                "other",
            ]
        );
        assert_eq!(
            texts(&["::ffff:203.0.113.0/120"], true),
            [
                "0.0.0.0",
                "203.0.113.0",
                "203.0.114.0",
                "::",
                "::ffff:203.0.113.0",
                "::1:0:0:0"
            ]
        );
    }

    proptest! {
        #[test]
        fn every_address_is_placed_like_one_of_the_values(
            blocks in prop::collection::vec(
                prop_oneof!["[01]\\.0\\.0\\.[0-3]/(24|3[0-2])", "(::ffff:0:|::|1::)[0-3]/(96|12[6-8]|0)"], 0..4),
            address in prop_oneof!["[01]\\.0\\.[01]\\.[0-5]", "(::ffff:0:|::|1::)[0-5]"],
        ) {
            let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
            let place = |text: &str| -> Vec<Containment> {
                let address = text.parse().unwrap();
                let place = |block: &&str| Block::parse(block).unwrap().containment(address);
                blocks.iter().map(place).collect()
            };
            let is_mapped = address.starts_with("::ffff");
            let values = texts(&blocks, !is_mapped);
            let own = place(&address);
            let mut addresses = values.iter().filter(|value| *value != "other");
            prop_assert!(addresses.any(|value| place(value) == own), "{values:?}");
        }
    }
}
