//! Dependencies by type, resolved once at start into each listener's own slots.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    sync::Arc,
};

use crate::listener::ListenerDescriptor;

/// Everything given to the builder, by type.
#[derive(Default)]
pub(crate) struct Provisions {
    by_type: HashMap<TypeId, Provision>,
    /// Types given more than once.
    pub(crate) repeated: Vec<&'static str>,
}

struct Provision {
    /// Holds an `Arc<T>`.
    value: Box<dyn Any + Send + Sync>,
}

impl Provisions {
    pub(crate) fn insert<T: ?Sized + Send + Sync + 'static>(&mut self, value: Arc<T>) {
        let provision = Provision { value: Box::new(value) };
        if self.by_type.insert(TypeId::of::<T>(), provision).is_some() {
            self.repeated.push(type_name::<T>());
        }
    }
}

/// Not public API. Used by generated code.
///
/// Hands one listener its dependencies and keeps a list of what is missing.
pub struct Resolver<'a> {
    provisions: &'a Provisions,
    listener: &'static ListenerDescriptor,
    missing: &'a mut Vec<MissingDependency>,
}

/// A dependency nobody provided.
pub(crate) struct MissingDependency {
    pub(crate) listener: &'static ListenerDescriptor,
    pub(crate) type_name: &'static str,
    /// Whether the type is a trait object, which `provide_arc` gives.
    pub(crate) unsized_type: bool,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        provisions: &'a Provisions,
        listener: &'static ListenerDescriptor,
        missing: &'a mut Vec<MissingDependency>,
    ) -> Self {
        Self { provisions, listener, missing }
    }

    pub(crate) fn resolve<T: ?Sized + Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        let provision = self.provisions.by_type.get(&TypeId::of::<T>());
        let found = provision.and_then(|provision| provision.value.downcast_ref::<Arc<T>>()).cloned();
        if found.is_none() {
            let (listener, type_name) = (self.listener, type_name::<T>());
            let unsized_type = size_of::<&T>() > size_of::<usize>();
            self.missing.push(MissingDependency { listener, type_name, unsized_type });
        }
        found
    }
}
