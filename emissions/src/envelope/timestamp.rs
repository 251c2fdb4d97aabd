//! A point in time as the wire knows it.

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jiff::{SignedDuration, civil};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time in UTC, to the microsecond, in the years 0000 to 9999.
///
/// `Display` and `FromStr` use RFC 3339, as CloudEvents asks for `time`. `Display` always writes
/// six digits of the second and `Z`; `FromStr` takes any offset, cuts what is finer than a
/// microsecond, and takes a leap second for the second before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix_micros: i64,
}

const EPOCH: civil::DateTime = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
const FIRST: i64 = -62_167_219_200_000_000;
const LAST: i64 = 253_402_300_799_999_999;

impl Timestamp {
    /// The system's clock, cut to the microsecond.
    pub fn now() -> Self {
        Self::from(SystemTime::now())
    }

    /// Microseconds since 1970-01-01T00:00:00Z; negative before.
    pub fn unix_micros(self) -> i64 {
        self.unix_micros
    }

    /// The time so many microseconds after 1970-01-01T00:00:00Z; `None` outside the years 0000 to
    /// 9999, which RFC 3339 can't write.
    pub fn from_unix_micros(unix_micros: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&unix_micros).then_some(Self { unix_micros })
    }
}

/// Times outside the years 0000 to 9999 become the first or the last one inside.
impl From<SystemTime> for Timestamp {
    #[inline]
    fn from(time: SystemTime) -> Self {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        let unix_micros = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => micros(since),
            Err(before) => -micros(before.duration()),
        };
        Self { unix_micros: unix_micros.clamp(FIRST, LAST) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = EPOCH.saturating_add(SignedDuration::from_micros(self.unix_micros));
        write!(f, "{utc:.6}Z")
    }
}

/// As `Display`: nobody reads microseconds since 1970.
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse(text).ok_or_else(|| TimestampError { text: super::text::excerpt(text) })
    }
}

/// RFC 3339, section 5.6, `date-time`.
fn parse(text: &str) -> Option<Timestamp> {
    let (date_time, rest) = (text.get(..19)?, text.get(19..)?);
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let fits = date_time.bytes().zip(shape).all(|(byte, expected)| match expected {
        b'd' => byte.is_ascii_digit(),
        b'T' => byte.eq_ignore_ascii_case(&b'T'),
        literal => byte == *literal,
    });
    if !fits {
        return None;
    }
    let number = |from: usize, to: usize| date_time.get(from..to)?.parse::<i16>().ok();
    let two = |from: usize| i8::try_from(number(from, from + 2)?).ok();
    let (fraction, zone) = fraction(rest)?;
    // Section 5.7: a leap second is 60. It has no place of its own in Unix time.
    let second = match two(17)? {
        60 => 59,
        second => second,
    };
    let local = civil::DateTime::new(
        number(0, 4)?,
        two(5)?,
        two(8)?,
        two(11)?,
        two(14)?,
        second,
        i32::try_from(fraction).ok()? * 1000,
    )
    .ok()?;
    let utc_micros = i64::try_from(local.duration_since(EPOCH).as_micros()).ok()?;
    Timestamp::from_unix_micros(utc_micros - offset_seconds(zone)? * 1_000_000)
}

/// Splits `.123456789Z` into microseconds and the zone.
fn fraction(rest: &str) -> Option<(u32, &str)> {
    let Some(digits_on) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let length = digits_on.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = digits_on.split_at(length);
    if digits.is_empty() {
        return None;
    }
    let micros = digits.bytes().chain(std::iter::repeat(b'0')).take(6).fold(0, |sum, b| sum * 10 + u32::from(b - b'0'));
    Some((micros, zone))
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, rest) = match zone.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let digit = |b: u8| b.is_ascii_digit().then(|| i64::from(b - b'0'));
    let &[h1, h2, b':', m1, m2] = rest else { return None };
    let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Written as RFC 3339 text, like `time` of an envelope.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| de::Error::invalid_value(de::Unexpected::Str(&text), &"a time in RFC 3339"))
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Timestamp")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// The text is no RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no time in RFC 3339, such as `2026-04-29T10:15:00.000000Z`")]
pub struct TimestampError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_read_to_the_microsecond() {
        for (text, written) in [
            ("2026-04-29T10:15:00Z", "2026-04-29T10:15:00.000000Z"),
            ("2026-04-29t10:15:00.5z", "2026-04-29T10:15:00.500000Z"),
            ("2026-04-29T10:15:00.123456789012Z", "2026-04-29T10:15:00.123456Z"),
            ("2026-04-29T10:15:00+02:00", "2026-04-29T08:15:00.000000Z"),
            ("2026-04-29T10:15:00-23:59", "2026-04-30T10:14:00.000000Z"),
            ("2026-04-29T10:15:00-00:00", "2026-04-29T10:15:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000000Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().map(|time| time.to_string()), Ok(written.to_owned()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "2026-04-29",
            "2026-04-29T10:15:00",
            "2026-04-29 10:15:00Z",
            "20260429T101500Z",
            "2026-04-29T10:15Z",
            "2026-04-29T10:15:00.Z",
            "2026-04-29T10:15:00Z ",
            "2026-04-29T10:15:00+0200",
            "2026-04-29T10:15:00+24:00",
            "2026-04-29T10:15:00+02:60",
            "2026-04-29T10:15:00+02:00[Europe/Paris]",
            "2026-02-29T10:15:00Z",
            "2026-13-01T10:15:00Z",
            "2026-04-29T24:00:00Z",
            "2026-04-29T10:60:00Z",
            "2026-04-29T10:15:61Z",
            "-026-04-29T10:15:00Z",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-04-29T10:15:0€Z",
            "٢٠٢٦-04-29T10:15:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_can_be_written_and_nothing_beyond() {
        for micros in [FIRST, LAST, 0] {
            let time = Timestamp::from_unix_micros(micros).unwrap();
            assert_eq!(time.to_string().parse(), Ok(time));
        }
        assert_eq!(Timestamp::from_unix_micros(FIRST - 1), None);
        assert_eq!(Timestamp::from_unix_micros(LAST + 1), None);
        let far = UNIX_EPOCH + Duration::from_secs(400_000_000_000);
        assert_eq!(Timestamp::from(far).unix_micros(), LAST);
    }
}
