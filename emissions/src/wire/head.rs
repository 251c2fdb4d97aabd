//! Between the head of an envelope and the attributes of CloudEvents 1.0.2.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use super::{DecodeFault, EncodeError, ValueFault, media_type::MediaType};
use crate::envelope::{
    AttributeError, Attributes, EnvelopeHead,
    foreign::{Foreign, Role},
    text::{excerpt, is_attribute_text},
    uri::{is_absolute, is_reference},
};

/// The only version of the specification we read and write.
pub(super) const SPEC_VERSION: &str = "1.0";

/// What we declare our payloads to be.
pub(super) const JSON: &str = "application/json";

/// The attributes of an event in the order we write them, every value checked.
pub(super) fn write(head: &EnvelopeHead) -> Result<Vec<(&str, Cow<'_, str>)>, EncodeError> {
    let mut attributes = vec![
        ("specversion", Cow::Borrowed(SPEC_VERSION)),
        ("id", head.wire_id()),
        ("source", Cow::Borrowed(&*head.event_source)),
        ("type", Cow::Owned(head.wire_type())),
        ("time", Cow::Owned(head.occurred_at.to_string())),
        ("datacontenttype", Cow::Borrowed(JSON)),
    ];
    let optional = [
        ("dataschema", head.data_schema()),
        ("subject", head.subject.as_deref().map(Cow::Borrowed)),
        ("partitionkey", head.partition_key.as_deref().map(Cow::Borrowed)),
        ("correlationid", Some(head.wire_correlation_id())),
        ("causationid", head.wire_causation_id()),
        ("traceparent", head.trace_parent.map(|trace| Cow::Owned(trace.to_string()))),
        ("tracestate", head.trace_state.as_deref().map(Cow::Borrowed)),
        ("sequence", head.sequence.as_deref().map(Cow::Borrowed)),
    ];
    attributes.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));

    let mut faults: Vec<(String, ValueFault)> =
        attributes.iter().filter_map(|(name, value)| Some(((*name).to_owned(), fault_of(name, value)?))).collect();
    if head.event_type.is_empty() {
        faults.push(("type".to_owned(), ValueFault::Empty));
    }
    if head.event_version == 0 {
        faults.push(("type".to_owned(), ValueFault::Version));
    }
    // Names and values of these were checked when they were inserted.
    attributes.extend(head.attributes.iter().map(|(name, value)| (name, Cow::Borrowed(value))));
    if faults.is_empty() { Ok(attributes) } else { Err(EncodeError::Attributes { faults }) }
}

/// What is wrong with the value of an attribute of the envelope itself.
fn fault_of(name: &str, value: &str) -> Option<ValueFault> {
    if value.is_empty() {
        return Some(ValueFault::Empty);
    }
    if !is_attribute_text(value) {
        return Some(ValueFault::Character);
    }
    match name {
        "source" => (!is_reference(value)).then_some(ValueFault::UriReference),
        "dataschema" => (!is_absolute(value)).then_some(ValueFault::Uri),
        _ => None,
    }
}

/// Attributes as they came, by name; `None` where the value was unreadable and a fault is noted.
#[derive(Default)]
pub(super) struct Incoming<'a> {
    values: BTreeMap<Cow<'a, str>, Option<Cow<'a, str>>>,
    pub(super) faults: Vec<DecodeFault>,
}

impl<'a> Incoming<'a> {
    /// Notes an attribute; whether its value is right for its name is judged later.
    pub(super) fn add(&mut self, name: Cow<'a, str>, value: Result<Cow<'a, str>, ValueFault>) {
        if self.values.contains_key(&name) {
            self.faults.push(DecodeFault::Duplicate { attribute: excerpt(&name) });
            return;
        }
        let value = value.map_err(|fault| self.fault(&name, fault)).ok();
        self.values.insert(name, value);
    }

    /// The value of an attribute noted so far.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    fn fault(&mut self, name: &str, fault: ValueFault) {
        self.faults.push(DecodeFault::Value { attribute: excerpt(name), fault });
    }

    /// Takes an attribute of the envelope itself, if it is there and not broken.
    fn take(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        let value = self.values.remove(name)??;
        match fault_of(name, &value) {
            Some(fault) => {
                self.fault(name, fault);
                None
            }
            None => Some(value),
        }
    }

    /// Takes an attribute that has to be there.
    fn require(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        if !self.values.contains_key(name) {
            self.faults.push(DecodeFault::Missing { attribute: name });
        }
        self.take(name)
    }

    /// Takes an attribute and parses it.
    fn parse<T: std::str::FromStr>(&mut self, name: &'static str, value: &str, fault: ValueFault) -> Option<T> {
        value.parse().map_err(|_| self.fault(name, fault)).ok()
    }

    /// The head, or everything that is wrong.
    pub(super) fn read(mut self) -> Result<EnvelopeHead, Vec<DecodeFault>> {
        match self.require("specversion") {
            Some(version) if version == SPEC_VERSION => {}
            // Whatever else seems wrong may be right in that version.
            Some(version) => return Err(vec![DecodeFault::SpecVersion { found: excerpt(&version) }]),
            None => {}
        }
        let id = self.require("id");
        let source = self.require("source");
        let event_type = self.require("type").and_then(|text| self.split_type(&text));
        let time = self.require("time").and_then(|text| self.parse("time", &text, ValueFault::Time));
        if let Some(found) = self.take("datacontenttype")
            && MediaType::of(&found) != MediaType::Json
        {
            self.faults.push(DecodeFault::ContentType { found: excerpt(&found) });
        }
        let schema = self.take("dataschema");
        let subject = self.take("subject");
        let partition_key = self.take("partitionkey");
        let correlation = self.take("correlationid");
        let causation = self.take("causationid");
        let trace_parent =
            self.take("traceparent").and_then(|text| self.parse("traceparent", &text, ValueFault::TraceParent));
        // W3C Trace Context, section 3.3.1.3: an empty tracestate is to be accepted, and says nothing.
        if self.get("tracestate") == Some("") {
            self.values.remove("tracestate");
        }
        let trace_state = self.take("tracestate");
        let sequence = self.take("sequence");
        let attributes = self.extensions();

        let (Some(id), Some(source), Some((name, event_version)), Some(occurred_at), []) =
            (id, source, event_type, time, self.faults.as_slice())
        else {
            return Err(self.faults);
        };

        let mut foreign = Foreign::default();
        let (event_id, id_text) = Role::Event { source: &source }.read(&id);
        // Where nobody says what the event belongs to, it is the first of its chain.
        let (correlation_id, correlation_text) = Role::Correlation.read(correlation.as_deref().unwrap_or(&id));
        let causation = causation.map(|text| Role::Causation.read(&text));
        foreign.set_event(id_text);
        foreign.set_correlation(correlation_text);
        let causation_id = causation.map(|(uuid, text)| {
            foreign.set_causation(text);
            uuid
        });
        let mut head = EnvelopeHead {
            event_id,
            event_type: Cow::Owned(name),
            event_version,
            event_source: Arc::from(&*source),
            occurred_at,
            subject: subject.as_deref().map(Arc::from),
            partition_key: partition_key.as_deref().map(Arc::from),
            correlation_id,
            causation_id,
            trace_parent,
            trace_state: trace_state.as_deref().map(Arc::from),
            sequence: sequence.as_deref().map(Arc::from),
            attributes,
            foreign: Foreign::default(),
        };
        if head.data_schema().as_deref() != schema.as_deref() {
            foreign.set_schema(schema.as_deref());
        }
        head.foreign = foreign;
        Ok(head)
    }

    /// `order.created.v1` → `order.created`, 1.
    fn split_type(&mut self, text: &str) -> Option<(String, u32)> {
        let split = text.rsplit_once(".v").and_then(|(name, version)| {
            let number: u32 = version.parse().ok()?;
            // One spelling per version: no sign, no leading zero.
            (!name.is_empty() && number > 0 && number.to_string() == version).then(|| (name.to_owned(), number))
        });
        if split.is_none() {
            self.faults.push(DecodeFault::Unversioned { found: excerpt(text) });
        }
        split
    }

    /// Everything that is left.
    fn extensions(&mut self) -> Attributes {
        let mut attributes = Attributes::default();
        for (name, value) in std::mem::take(&mut self.values) {
            let value = value.unwrap_or_default();
            if let Err(error) = attributes.insert(&*name, &*value) {
                let fault = match error {
                    AttributeError::Value { name } => {
                        DecodeFault::Value { attribute: name, fault: ValueFault::Character }
                    }
                    // What is reserved was taken above, except `data`, which is no attribute.
                    AttributeError::Name { name }
                    | AttributeError::Reserved { name }
                    | AttributeError::Unreadable { name } => DecodeFault::Name { attribute: name },
                };
                self.faults.push(fault);
            }
        }
        attributes
    }
}
