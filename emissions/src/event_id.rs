//! Identities of events.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// A UUID of version 7 (RFC 9562, section 5.7) for an event emitted at `now`.
///
/// The 12 bits behind the milliseconds are a fraction of the millisecond (method 3 of section
/// 6.2), so ids sort by time to a quarter of a microsecond; the other 62 bits are random.
#[inline]
pub(crate) fn event_id(now: SystemTime) -> Uuid {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanos = u64::from(since.subsec_nanos());
    // 48 bits, which last beyond the year 10,000.
    let millis = since.as_secs().wrapping_mul(1000).wrapping_add(nanos / 1_000_000);
    let fraction = nanos % 1_000_000 * 4096 / 1_000_000;
    let (version, variant) = (7 << 12, 0b10 << 62);
    Uuid::from_u64_pair(millis << 16 | version | fraction, variant | fastrand::u64(..) >> 2)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::event_id;

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let at = |nanos: u64| UNIX_EPOCH + Duration::from_nanos(1_777_457_700_000_000_000 + nanos);
        let ids: Vec<_> = [0, 300_000, 999_999, 1_000_000].into_iter().map(|nanos| event_id(at(nanos))).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert_eq!(ids[1].get_timestamp().unwrap().to_unix(), (1_777_457_700, 0));
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        assert_ne!(event_id(at(0)), event_id(at(0)));
    }
}
