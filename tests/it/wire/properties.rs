//! Round trips of arbitrary events and metadata, and input of every kind.

use emissions::{
    Envelope, RawEnvelope, Uuid,
    envelope::{Attributes, Timestamp, TraceParent},
    wire::Binding,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::any_input::{self, OrderPlaced};

const BINDINGS: [Binding; 6] =
    [Binding::Http, Binding::Nats, Binding::Kafka, Binding::Amqp, Binding::AmqpUnderscore, Binding::RabbitMq];

/// Text that CloudEvents allows, with a liking for what has to be escaped somewhere.
fn text() -> impl Strategy<Value = String> {
    vec(
        prop_oneof![
            4 => any::<char>(),
            1 => select(vec!['"', '\\', '%', ' ', '+', ':', '/', '\u{a0}', '€', '😀']),
            4 => prop::char::range('a', 'z'),
        ],
        1..24,
    )
    .prop_map(|chars| {
        let forbidden =
            |c: &char| c.is_control() || (0xfdd0..=0xfdef).contains(&u32::from(*c)) || u32::from(*c) & 0xfffe == 0xfffe;
        chars.into_iter().map(|c| if forbidden(&c) { '-' } else { c }).collect()
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    vec(("[a-z0-9]{1,20}", prop_oneof![Just(String::new()), text()]), 0..4).prop_map(|pairs| {
        let mut attributes = Attributes::default();
        for (name, value) in pairs {
            // A name of the envelope itself is refused, and then left out.
            let _ = attributes.insert(name, value);
        }
        attributes
    })
}

fn order() -> impl Strategy<Value = OrderPlaced> {
    (any::<String>(), option::of(any::<String>()), vec(any::<u32>(), 0..4), -1e300..1e300, any::<bool>()).prop_map(
        |(order_id, customer_email, article_ids, discount_percent, is_gift)| OrderPlaced {
            order_id,
            customer_email,
            article_ids,
            discount_percent,
            is_gift,
        },
    )
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn envelope() -> impl Strategy<Value = Envelope<OrderPlaced>> {
    let ids = (uuid(), uuid(), option::of(uuid()));
    let texts = (option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let time = (-62_167_219_200_000_000_i64..=253_402_300_799_999_999).prop_map(Timestamp::from_unix_micros);
    let trace = option::of((1..=u128::MAX, 1..=u64::MAX, any::<u8>()));
    (order(), ids, texts, time, trace, attributes(), "(/|https://h:1/)[a-z%2f?=#]{0,1}[a-z]{0,9}").prop_filter_map(
        "a percent sign needs its digits",
        |(order, ids, texts, time, trace, attributes, source)| {
            let mut envelope = Envelope::from_source(source.replace('%', "%25"), order);
            let head = &mut envelope.head;
            (head.event_id, head.correlation_id, head.causation_id) = ids;
            head.occurred_at = time?;
            head.subject = texts.0.map(Into::into);
            head.partition_key = texts.1.map(Into::into);
            head.trace_state = texts.2.map(Into::into);
            head.sequence = texts.3.map(Into::into);
            head.trace_parent = trace.and_then(|(trace, span, flags)| TraceParent::new(trace, span, flags));
            head.attributes = attributes;
            Some(envelope)
        },
    )
}

fn same(before: &Envelope<OrderPlaced>, after: &RawEnvelope) -> Result<(), TestCaseError> {
    let after = after.decode::<OrderPlaced>().map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&before.head, &after.head);
    let (before, after) = (&before.payload, &after.payload);
    prop_assert_eq!(&before.order_id, &after.order_id);
    prop_assert_eq!(&before.customer_email, &after.customer_email);
    prop_assert_eq!(&before.article_ids, &after.article_ids);
    prop_assert_eq!(before.discount_percent.to_bits(), after.discount_percent.to_bits());
    prop_assert_eq!(before.is_gift, after.is_gift);
    Ok(())
}

/// A valid input of the decoder, as the fuzzer's seeds are written.
fn valid() -> impl Strategy<Value = Vec<u8>> {
    (envelope(), 0..7_usize).prop_map(|(envelope, mode)| {
        let raw = RawEnvelope::encode(&envelope).expect("the envelope is sound");
        let Some(binding) = BINDINGS.get(mode) else {
            return [b"s", raw.to_structured().expect("the envelope is sound").as_slice()].concat();
        };
        let message = raw.to_binary(*binding).expect("the envelope is sound");
        let mut input = vec![b"hnkaur"[mode]];
        for (name, value) in &message.headers {
            input.extend(format!("{name}: {value}\n").bytes());
        }
        input.push(b'\n');
        input.extend_from_slice(&message.body);
        input
    })
}

/// One small damage.
#[derive(Clone, Debug)]
enum Damage {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), select(b"\"\\{}[]:,%0 \n".to_vec())];
    prop_oneof![
        (any::<usize>(), byte.clone()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (any::<usize>(), byte).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        any::<usize>().prop_map(Damage::Cut),
    ]
}

fn apply(input: &mut Vec<u8>, damage: &Damage) {
    let at = |at: usize, input: &[u8]| at % (input.len() + 1);
    let span = |start: usize, length: usize, input: &[u8]| {
        let start = at(start, input);
        start..(start + length).min(input.len())
    };
    match *damage {
        Damage::Replace(place, byte) => {
            let place = at(place, input);
            if let Some(old) = input.get_mut(place) {
                *old = byte;
            }
        }
        Damage::Insert(place, byte) => input.insert(at(place, input), byte),
        Damage::Remove(start, length) => drop(input.drain(span(start, length, input))),
        Damage::Repeat(start, length) => {
            let span = span(start, length, input);
            let copy = input[span.clone()].to_vec();
            input.splice(span.end..span.end, copy);
        }
        Damage::Cut(place) => input.truncate(at(place, input)),
    }
}

proptest! {
    // `PROPTEST_CASES` asks for more.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(512),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn structured_mode_gives_back_what_went_in(envelope in envelope()) {
        let raw = RawEnvelope::encode(&envelope).unwrap();
        let read = RawEnvelope::from_structured(raw.to_structured().unwrap()).unwrap();
        prop_assert_eq!(&read, &raw);
        same(&envelope, &read)?;
    }

    #[test]
    fn binary_mode_gives_back_what_went_in(envelope in envelope(), binding in select(BINDINGS.to_vec())) {
        let raw = RawEnvelope::encode(&envelope).unwrap();
        let message = raw.to_binary(binding).unwrap();
        if matches!(binding, Binding::Http | Binding::Nats) {
            for (name, value) in &message.headers {
                prop_assert!(value.bytes().all(|byte| matches!(byte, 0x21..=0x7e)), "{}: {}", name, value);
            }
        }
        let read = RawEnvelope::from_message(binding, message.headers, &*message.body).unwrap();
        prop_assert_eq!(&read, &raw);
        same(&envelope, &read)?;
    }

    #[test]
    fn valid_input_is_read(input in valid()) {
        any_input::check(&input);
    }

    #[test]
    fn damaged_input_is_read_or_refused(mut input in valid(), damages in vec(damage(), 1..4)) {
        for damage in &damages {
            apply(&mut input, damage);
        }
        any_input::check(&input);
    }

    #[test]
    fn any_bytes_are_read_or_refused(input in vec(any::<u8>(), 0..200)) {
        any_input::check(&input);
    }

    #[test]
    fn every_time_is_written_so_that_it_reads_the_same(micros in -62_167_219_200_000_000_i64..=253_402_300_799_999_999) {
        let time = Timestamp::from_unix_micros(micros).unwrap();
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }
}
