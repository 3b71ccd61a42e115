//! Addresses and blocks of them. Rule: IAM-COND-23.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{Hit, Subject};
use crate::{Ambiguities, Evidence, Outcome};

/// An operand: a block, or one address as a block of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    net: IpNet,
}

/// How an address stands to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Containment {
    /// It is inside.
    Inside,
    /// It is not.
    Outside,
    /// One side is IPv4, the other IPv4-mapped IPv6; inside if the two are taken for the same. Rule: AMB-24.
    InsideIfMapped,
}

/// Blocks that never are the source of a request from the internet.
const PRIVATE: [IpNet; 8] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
    )),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
    )),
];

/// The block that holds the IPv4 addresses mapped into IPv6.
pub(crate) const MAPPED: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);

impl Block {
    /// Reads `address` or `address/prefix`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let net = match text.split_once('/') {
            None => IpNet::from(text.parse::<IpAddr>().ok()?),
            Some((address, prefix)) => {
                IpNet::new(address.parse().ok()?, parse_prefix(prefix)?).ok()?
            }
        };
        Some(Self { net })
    }

    /// True where bits behind the prefix are set; they are ignored.
    pub(crate) fn has_host_bits(self) -> bool {
        self.net.addr() != self.net.network()
    }

    /// True where every address of the block is private, link-local or loopback.
    pub(crate) fn is_private(self) -> bool {
        let network = self.net.trunc();
        PRIVATE.iter().any(|block| block.contains(&network))
    }

    /// The addresses of the block.
    pub(crate) fn net(self) -> IpNet {
        self.net.trunc()
    }

    /// Where the address stands. Families never match each other.
    pub(crate) fn containment(self, address: IpAddr) -> Containment {
        if self.net.contains(&address) {
            return Containment::Inside;
        }
        let inside_if_mapped = match (self.net, address) {
            (IpNet::V4(net), IpAddr::V6(address)) => address
                .to_ipv4_mapped()
                .is_some_and(|address| net.contains(&address)),
            (IpNet::V6(net), IpAddr::V4(address)) => {
                MAPPED.contains(&net.trunc()) && net.contains(&address.to_ipv6_mapped())
            }
            _ => false,
        };
        if inside_if_mapped {
            Containment::InsideIfMapped
        } else {
            Containment::Outside
        }
    }
}

/// Digits only, without a leading zero: like the parts of an IPv4 address, `08` might be octal.
fn parse_prefix(text: &str) -> Option<u8> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    is_number.then(|| text.parse().ok())?
}

/// Operands of an `IpAddress` test.
#[derive(Debug, Clone)]
pub(crate) struct Blocks(Vec<Option<Block>>);

impl Blocks {
    pub(crate) fn new<'t>(operands: impl Iterator<Item = &'t str>) -> Self {
        Self(operands.map(Block::parse).collect())
    }

    /// The operands that are blocks.
    pub(crate) fn points(&self) -> Vec<Block> {
        self.0.iter().flatten().copied().collect()
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        let mut readable = self.0.iter().flatten();
        let malformed_operand = readable.clone().count() < self.0.len();
        let Subject::Text(text) = subject else {
            return Hit::of_some_text(readable.next().is_some(), malformed_operand);
        };
        match text.parse() {
            Err(_) => Hit::malformed_value(),
            Ok(address) => Hit {
                matched: super::any_of(readable, |block| match block.containment(address) {
                    Containment::Inside => Outcome::known(true),
                    Containment::Outside => Outcome::known(false),
                    Containment::InsideIfMapped => ambiguities.decide(24, false),
                }),
                is_malformed: malformed_operand,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Containment::{Inside, InsideIfMapped, Outside};
    use super::*;
    use proptest::prelude::*;

    fn containment(block: &str, address: &str) -> Containment {
        Block::parse(block)
            .unwrap()
            .containment(address.parse().unwrap())
    }

    #[test]
    fn blocks_hold_their_addresses() {
        for (block, address, expected) in [
            ("203.0.113.7/24", "203.0.113.200", Inside),
            ("203.0.113.0/24", "203.0.114.1", Outside),
            ("203.0.113.7", "203.0.113.7", Inside),
            ("203.0.113.7", "203.0.113.8", Outside),
            ("0.0.0.0/0", "255.255.255.255", Inside),
            ("0.0.0.0/0", "2001:db8::1", Outside),
            ("::/0", "203.0.113.7", Outside),
            ("::/0", "::ffff:203.0.113.7", Inside),
            ("2001:db8::/32", "2001:0DB8:0::1", Inside),
            ("2001:db8::1", "2001:DB8:0:0:0:0:0:1", Inside),
            ("2001:db8::1", "2001:db8::2", Outside),
            ("203.0.113.0/24", "::ffff:203.0.113.7", InsideIfMapped),
            ("203.0.113.0/24", "::ffff:203.0.114.7", Outside),
            ("203.0.113.0/24", "::203.0.113.7", Outside),
            ("::ffff:203.0.113.0/120", "203.0.113.7", InsideIfMapped),
            ("::ffff:203.0.113.0/120", "203.0.114.7", Outside),
        ] {
            assert_eq!(containment(block, address), expected, "{block} {address}");
        }
    }

    #[test]
    fn host_bits_and_private_blocks_are_noticed() {
        let block = |text| Block::parse(text).unwrap();
        assert!(block("203.0.113.7/24").has_host_bits());
        assert!(!block("203.0.113.0/24").has_host_bits());
        assert!(!block("203.0.113.7").has_host_bits());
        for private in [
            "10.1.2.3",
            "10.0.0.0/8",
            "172.31.0.0/16",
            "192.168.7.9/24",
            "fd00::/8",
        ] {
            assert!(block(private).is_private(), "{private}");
        }
        for public in [
            "203.0.113.0/24",
            "0.0.0.0/0",
            "10.0.0.0/7",
            "172.32.0.0/16",
            "2001:db8::/32",
        ] {
            assert!(!block(public).is_private(), "{public}");
        }
    }

    #[test]
    fn other_texts_are_not_blocks() {
        for text in [
            "",
            "x",
            "203.0.113",
            "203.0.113.07",
            "203.0.113.256",
            "203.0.113.0/33",
            "203.0.113.0/",
            "203.0.113.0/-1",
            "203.0.113.0/+8",
            "203.0.113.0/08",
            "203.0.113.0/24/24",
            "203.0.113.0/255.255.255.0",
            " 203.0.113.0",
            "2001:db8::/129",
            "fe80::1%eth0",
            "2001:db8::/32 ",
            "[2001:db8::1]",
            "203.0.113.*",
        ] {
            assert!(Block::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_block_or_not(text in "[0-9a-f.:/%]{0,24}") {
            let _ = Block::parse(&text);
        }

        #[test]
        fn prefixes_compare_leading_bits(a in any::<u32>(), b in any::<u32>(), prefix in 0_u8..=32) {
            let text = format!("{}/{prefix}", Ipv4Addr::from(a));
            let same = prefix == 0 || (a ^ b) >> (32 - u32::from(prefix)) == 0;
            let expected = if same { Inside } else { Outside };
            prop_assert_eq!(Block::parse(&text).unwrap().containment(Ipv4Addr::from(b).into()), expected);
        }
    }
}
