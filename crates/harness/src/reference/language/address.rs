//! Addresses and blocks of addresses. Rule: IAM-COND-23.

use std::net::IpAddr;

use super::super::value::{Open, Reading};

/// Bits in front of the address of IPv4 in a mapped one.
const MAPPED_BITS: u32 = 96;

/// An address, or a block of those that share its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    address: IpAddr,
    prefix: u32,
}

impl Block {
    /// Reads `ADDRESS` or `ADDRESS/BITS`.
    pub(super) fn parse(text: &str) -> Option<Block> {
        let Some((address, prefix)) = text.split_once('/') else {
            let address = address(text)?;
            return Some(Block {
                address,
                prefix: bits(address).1,
            });
        };
        let address = self::address(address)?;
        let is_number = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix
            .parse()
            .ok()
            .filter(|prefix| is_number && *prefix <= bits(address).1)?;
        Some(Block { address, prefix })
    }

    /// Whether an address is in the block. Families never match each other, save perhaps IPv4-mapped addresses.
    /// Rule: IAM-COND-23, AMB-24.
    pub(super) fn contains(self, address: IpAddr, reading: &Reading) -> bool {
        let mapped = match (self.address, address) {
            (IpAddr::V4(_), IpAddr::V6(six)) => six.to_ipv4_mapped().map(IpAddr::V4),
            // A block of mapped addresses alone, and an address of IPv4.
            (IpAddr::V6(own), IpAddr::V4(four)) => {
                let is_mapped = own.to_ipv4_mapped().is_some() && self.prefix >= MAPPED_BITS;
                is_mapped.then(|| IpAddr::V6(four.to_ipv6_mapped()))
            }
            _ => None,
        };
        match mapped {
            Some(mapped) => self.has(mapped) && !reading.guesses(Open::MappedAddress),
            None => self.has(address),
        }
    }

    fn has(self, address: IpAddr) -> bool {
        let ((own, width), (other, other_width)) = (bits(self.address), bits(address));
        let differing = own ^ other;
        // All bits behind the prefix may differ.
        let free = width.saturating_sub(self.prefix);
        width == other_width && differing.checked_shr(free).unwrap_or(0) == 0
    }
}

/// Reads an address: no octal or short IPv4, no zone.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)), 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    }
}

#[cfg(test)]
mod tests {
    use preclear_simulator::AmbiguityMode;

    use super::super::super::value::{Toward, Tri, read};
    use super::*;

    fn has(block: &str, text: &str) -> bool {
        Block::parse(block).unwrap().has(address(text).unwrap())
    }

    #[test]
    fn blocks_hold_their_addresses() {
        for (block, text, expected) in [
            ("203.0.113.7/24", "203.0.113.200", true),
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.0/25", "203.0.113.128", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "198.51.100.1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:0DB8:0::1", true),
            ("2001:db8::1", "2001:0db8:0:0:0:0:0:1", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::ffff:0:0/96", "::ffff:203.0.113.7", true),
            ("::ffff:0:0/96", "203.0.113.7", false),
        ] {
            assert_eq!(has(block, text), expected, "{block} {text}");
        }
    }

    #[test]
    fn other_texts_are_no_blocks() {
        for text in [
            "",
            "x",
            "203.0.113.7/33",
            "2001:db8::/129",
            "203.0.113",
            "203.0.113.010",
            "fe80::1%eth0",
            "203.0.113.7/",
            "203.0.113.7/+8",
            "203.0.113.7/8/8",
            " 203.0.113.7",
            "203.0.113.*",
        ] {
            assert_eq!(Block::parse(text), None, "{text}");
        }
        assert_eq!(address("203.0.113.0/24"), None);
    }

    #[test]
    fn mapped_addresses_are_open() {
        // AMB-24.
        let reads = |block: &str, mode, toward| {
            let block = Block::parse(block).unwrap();
            let mapped = address("::ffff:203.0.113.7").unwrap();
            read(mode, toward, |reading| {
                Tri::from(block.contains(mapped, reading))
            })
        };
        let (report, guess, failsafe) = (
            AmbiguityMode::Report,
            AmbiguityMode::Guess,
            AmbiguityMode::Failsafe,
        );
        assert_eq!(reads("203.0.113.0/24", report, Toward::Allow), Tri::Unknown);
        assert_eq!(reads("203.0.113.0/24", guess, Toward::Allow), Tri::False);
        assert_eq!(reads("203.0.113.0/24", failsafe, Toward::Deny), Tri::True);
        assert_eq!(reads("198.51.100.0/24", report, Toward::Allow), Tri::False);
    }
}
