//! The macro that writes the natives of the lists, and its parts. What a line says: see [`super`].

/// The C type of an argument.
macro_rules! type_of {
    ([$kind:ident; many]) => {
        ::jni::sys::jobject
    };
    ([$($handle:tt)+]) => {
        ::jni::sys::jlong
    };
    (object) => {
        ::jni::sys::jobject
    };
    ($plain:ident) => {
        ::jni::sys::$plain
    };
}

/// The type of a result: a reference has a default, which a pointer has not.
macro_rules! result_of {
    ([open families on $memory:ident]) => {
        $crate::jvm::env::Reference
    };
    ([all $($made:tt)+]) => {
        $crate::jvm::env::Reference
    };
    ([$($made:tt)+]) => {
        ::jni::sys::jlong
    };
    (object) => {
        $crate::jvm::env::Reference
    };
    ($plain:ident) => {
        ::jni::sys::$plain
    };
}

/// Starts to use what an argument stands for.
macro_rules! leased_argument {
    ($uses:ident, $value:ident, [$kind:ident]) => {
        $uses.object(::venice_engine::handles::Kind::$kind, $value)?
    };
    ($uses:ident, $value:ident, [$kind:ident or 0]) => {
        $uses.optional(::venice_engine::handles::Kind::$kind, $value)?
    };
    ($uses:ident, $value:ident, [RocksDb; long]) => {
        $uses.long($value)?
    };
    ($uses:ident, $value:ident, [$kind:ident; many]) => {
        $uses.many(::venice_engine::handles::Kind::$kind, $value)?
    };
    ($uses:ident, $value:ident, [$kind:ident at $what:literal]) => {
        $uses.at_entry(
            ::venice_engine::handles::Kind::$kind,
            $value,
            concat!("the iterator is at no entry: it has no ", $what),
        )?
    };
    ($uses:ident, $value:ident, [$kind:ident under $parent:ident]) => {
        $uses.under(
            ::venice_engine::handles::Kind::$kind,
            $value,
            ::venice_engine::handles::Kind::$parent,
        )?
    };
    ($uses:ident, $value:ident, $plain:ident) => {
        ()
    };
}

/// Makes a new object a live handle.
macro_rules! note {
    ($jvm:ident, $made:ident, [open families on $memory:ident]) => {
        // SAFETY: upstream's native has just opened them, and the memory is as the list says.
        unsafe {
            $crate::leased::databases::opened_families(
                $jvm,
                &$made,
                ::venice_engine::Memory::$memory,
            )?;
        }
    };
    ($jvm:ident, $made:ident) => {};
    ($jvm:ident, $made:ident, [new $kind:ident]) => {
        $crate::leased::arguments::made(::venice_engine::handles::Kind::$kind, $made, 0);
    };
    ($jvm:ident, $made:ident, [new $kind:ident under $parent:ident]) => {
        $crate::leased::arguments::made(::venice_engine::handles::Kind::$kind, $made, $parent);
    };
    ($jvm:ident, $made:ident, [new $kind:ident in $database:ident by $destroy:ident]) => {
        // SAFETY: upstream's native made it with plain `new` for this database, which is in use, and
        // the destructor is that of the class.
        unsafe {
            $crate::leased::arguments::adopted(
                ::venice_engine::handles::Kind::$kind,
                $made,
                $database,
                $crate::leased::disposers::$destroy,
            );
        }
    };
    ($jvm:ident, $made:ident, [all $kind:ident in $database:ident by $destroy:ident]) => {
        // SAFETY: as above, for each of them.
        unsafe {
            $crate::leased::databases::adopted_all(
                $jvm,
                &$made,
                ::venice_engine::handles::Kind::$kind,
                $database,
                $crate::leased::disposers::$destroy,
            )?;
        }
    };
    ($jvm:ident, $made:ident, [new $kind:ident beside $other:ident: $others:ident by $destroy:ident]) => {
        // SAFETY: as above, for the database of the other one, which is in use.
        unsafe {
            $crate::leased::arguments::adopted(
                ::venice_engine::handles::Kind::$kind,
                $made,
                ::venice_engine::handles::parent_of(
                    ::venice_engine::handles::Kind::$others,
                    $other as usize,
                ) as ::jni::sys::jlong,
                $crate::leased::disposers::$destroy,
            );
        }
    };
    ($jvm:ident, $made:ident, [open on $memory:ident]) => {
        // SAFETY: upstream's native has just opened it, and its memory is as the list says.
        unsafe { $crate::leased::databases::opened($made, ::venice_engine::Memory::$memory) };
    };
    ($jvm:ident, $made:ident, [unseen Snapshot]) => {
        $crate::leased::unseen_snapshots::unseen();
    };
    ($jvm:ident, $made:ident, $plain:ident) => {};
}

/// The way into a native, by what Java declares that it throws.
macro_rules! way_in {
    () => {
        $crate::jvm::entry::hot_entry_unchecked
    };
    (throws) => {
        $crate::jvm::entry::hot_entry
    };
}

/// Writes natives that call upstream's under leases, and `NAMES`, their symbols.
macro_rules! leased {
    ($(fn $native:ident($($name:ident: $argument:tt),* $(,)?) $(-> $result:tt)? $($throws:ident)?;)+) => {
        /// The exact symbol names.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($native)),+];

        $(
            #[cfg_attr(all(not(feature = "bundled"), not(test)), unsafe(no_mangle))]
            #[cfg_attr(any(feature = "bundled", test), allow(dead_code, non_snake_case))]
            extern "system" fn $native<'local>(
                env: ::jni::EnvUnowned<'local>,
                class: ::jni::sys::jobject,
                $($name: $crate::leased::macros::type_of!($argument)),*
            ) $(-> $crate::leased::macros::result_of!($result))? {
                extern "C" {
                    #[link_name = concat!("upstream_", stringify!($native))]
                    fn upstream(
                        env: *mut ::jni::sys::JNIEnv,
                        class: ::jni::sys::jobject,
                        $($name: $crate::leased::macros::type_of!($argument)),*
                    ) $(-> $crate::leased::macros::result_of!($result))?;
                }
                let jni = env.as_raw();
                $crate::leased::macros::way_in!($($throws)?)(env, |jvm| {
                    #[allow(unused_mut, unused_variables)]
                    let mut uses = $crate::leased::arguments::Uses::new(jvm);
                    // In use until upstream's is back.
                    let _leases = ($($crate::leased::macros::leased_argument!(uses, $name, $argument),)*);
                    // SAFETY: rule 2: what the JVM passed, to the function that it is for.
                    #[allow(clippy::let_unit_value)]
                    let result = unsafe { upstream(jni, class, $($name),*) };
                    $crate::leased::macros::note!(jvm, result $(, $result)?);
                    Ok(result)
                })
            }
        )+
    };
}

pub(super) use {leased, leased_argument, note, result_of, type_of, way_in};
