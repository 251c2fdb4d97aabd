//! Events where names are taken, hidden or generated.

use emissions::Event;

/// Reached under a path of its own.
mod under_another_path {
    pub(crate) mod vendored {
        pub(crate) use emissions as bus;
    }

    /// An order was created.
    #[emissions::event(name = "order.created", crate = self::vendored::bus)]
    pub(crate) struct OrderCreated {
        /// Order that was created.
        #[field(key)]
        order_id: OrderId,
        /// Written as text.
        #[field(string)]
        import_id: Option<u64>,
    }

    /// An order.
    #[emissions::shared_field(name = "order_id", crate = self::vendored::bus)]
    struct OrderId(u32);
}

/// Every name that generated code could mean has another meaning here.
mod taken_names {
    #![allow(dead_code, non_camel_case_types, unused_macros)]

    pub(crate) struct Option;
    pub(crate) struct Some;
    pub(crate) struct String;
    pub(crate) struct Result;
    pub(crate) struct Vec;
    pub(crate) struct EventDescriptor;
    pub(crate) trait Serialize {}
    pub(crate) trait Event {}
    pub(crate) mod core {}
    pub(crate) mod std {}
    pub(crate) mod emissions {}
    pub(crate) mod serde {}
    pub(crate) mod schemars {}
    macro_rules! concat {
        () => {};
    }
    macro_rules! file {
        () => {};
    }

    /// An order was created.
    #[::emissions::event(name = "order.created", bulk = order_lines, on_empty = "open", owner = "team-orders")]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct OrderCreated {
        #[field(key, allow_ambiguous = "as in the old shop")]
        pub(crate) r#type: u32,
        pub(crate) order_lines: [u8; SLOT],
        #[field(allow_ambiguous = "as in the old shop")]
        pub(crate) r#self_: bool,
    }

    const SLOT: usize = 3;

    #[expect(clippy::unused_self, reason = "only their names matter")]
    impl OrderCreated {
        /// Methods of the same names as the trait's.
        pub(crate) fn descriptor(&self) {}
        pub(crate) fn len(&self) {}
        pub(crate) fn key_text(&self) {}
    }

    #[::emissions::shared_field(name = "order_key")]
    pub(crate) struct r#Try(u8);
}

macro_rules! declare {
    ($event:ident, $name:literal, $field:ident: $ty:ty, $other:ident) => {
        /// Declared by a macro.
        #[emissions::event(name = $name)]
        struct $event {
            #[field(key)]
            $field: $ty,
            order_id: $other,
        }
    };
}

declare!(FromMacro, "order.paid", payment_id: u32, u64);

#[test]
fn a_path_of_its_own_is_enough() {
    assert_eq!(under_another_path::OrderCreated::NAME, "order.created");
}

#[test]
fn taken_names_change_nothing() {
    let event = taken_names::OrderCreated { r#type: 7, order_lines: [0; 3], r#self_: true };
    assert_eq!(event.partition_key().as_deref(), Some("7"));
    assert_eq!(event.bulk_len(), Some(3));
    let descriptor = <taken_names::OrderCreated as Event>::descriptor();
    let names: Vec<_> = descriptor.fields.iter().map(|field| (field.name, field.wire_name)).collect();
    assert_eq!(names, [("type", "type"), ("order_lines", "orderLines"), ("self_", "self")]);
    assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"type":7,"orderLines":[0,0,0],"self":true}"#);
}

#[test]
fn macros_declare_events() {
    assert_eq!((FromMacro::NAME, FromMacro::descriptor().fields.len()), ("order.paid", 2));
    assert_eq!(FromMacro { payment_id: 3, order_id: 4 }.partition_key().as_deref(), Some("3"));
}

#[test]
fn bodies_and_nested_modules_declare_events() {
    mod nested {
        pub(super) mod deeper {
            #[emissions::event(name = "order.nested")]
            pub(in super::super) struct Nested {}
        }
    }
    #[emissions::event(name = "order.first_seen")]
    struct First {
        order_id: Local,
    }
    #[emissions::shared_field(name = "order_id")]
    #[derive(Debug)]
    struct Local(u8);
    #[emissions::event(name = "order.second_seen")]
    struct Second {
        order_id: Local,
    }
    let closure = || {
        #[emissions::event(name = "order.third_seen")]
        struct Third {}
        Third::NAME
    };
    assert_eq!(
        [First::NAME, Second::NAME, nested::deeper::Nested::NAME, closure()],
        ["order.first_seen", "order.second_seen", "order.nested", "order.third_seen"]
    );
    assert!(First::descriptor().rust_path.ends_with("::First"));
}

#[test]
fn fields_behind_cfg_are_there_or_not() {
    #[emissions::event(name = "order.checked")]
    struct Checked {
        #[cfg(test)]
        #[field(key)]
        order_id: u32,
        #[cfg(not(test))]
        order_name: NoSuchType,
    }
    let names: Vec<_> = Checked::descriptor().fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["order_id"]);
}
