//! The one-line test of everything that no single event or listener shows.

/// Verifies everything that is linked into the test binary, without starting anything.
///
/// ```no_run
/// #[test]
/// fn the_registry_is_sound() {
///     emissions::testing::assert_registry_sound!();
/// }
/// ```
///
/// With a [`Registry`](crate::Registry) as its argument it verifies that one, for tests of one
/// module: `assert_registry_sound!(Registry::collect().within(module_path!()))`.
///
/// # Panics
///
/// With the whole report, where [`Registry::verify`](crate::Registry::verify) gives one.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_registry_sound {
    () => {
        $crate::testing::assert_registry_sound!($crate::Registry::collect())
    };
    ($registry:expr $(,)?) => {
        if let ::core::result::Result::Err(violations) = $crate::Registry::verify(&$registry) {
            ::core::panic!("the registry is not sound: {violations}");
        }
    };
}
