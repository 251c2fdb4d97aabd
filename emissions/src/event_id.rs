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
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let fraction = u64::from(since.subsec_nanos() % 1_000_000) * 4096 / 1_000_000;
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&u16::try_from(fraction).unwrap_or(0).to_be_bytes());
    bytes[2..].copy_from_slice(&fastrand::u64(..).to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
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
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        assert_ne!(event_id(at(0)), event_id(at(0)));
    }
}
