//! Natives that are one line each: a new object, a copy, the end of one, one field set.

/// Writes natives `static native long <new>()`, which return what the C function makes.
macro_rules! makers {
    ($($(#[$doc:meta])+ $native:ident => $create:ident -> $object:ty;)+) => {
        extern "C" {
            $(fn $create() -> *mut $object;)+
        }

        $(
            $(#[$doc])+
            #[unsafe(no_mangle)]
            pub extern "system" fn $native<'local>(
                env: ::jni::EnvUnowned<'local>,
                _: ::jni::objects::JClass<'local>,
            ) -> ::jni::sys::jlong {
                $crate::jvm::entry::hot_entry_unchecked(env, |_| {
                    // SAFETY: asks for nothing.
                    let object = unsafe { $create() };
                    $crate::objects::native_object::created(object)
                })
            }
        )+
    };
}

/// Writes natives `static native long <copy>(long handle)`, which return a copy that the C function
/// makes.
macro_rules! copiers {
    ($($(#[$doc:meta])+ $native:ident => $copy:ident -> $object:ty;)+) => {
        extern "C" {
            $(fn $copy(object: *const $object) -> *mut $object;)+
        }

        $(
            $(#[$doc])+
            #[unsafe(no_mangle)]
            pub extern "system" fn $native<'local>(
                env: ::jni::EnvUnowned<'local>,
                _: ::jni::objects::JClass<'local>,
                handle: ::jni::sys::jlong,
            ) -> ::jni::sys::jlong {
                $crate::jvm::entry::hot_entry_unchecked(env, |_| {
                    let object = $crate::objects::native_object::live::<$object>(handle)?;
                    // SAFETY: rule 1.
                    let copy = unsafe { $copy(object.pointer()) };
                    $crate::objects::native_object::created(copy)
                })
            }
        )+
    };
}

/// Writes natives `static native void <dispose>(long handle)`, which end the object.
macro_rules! disposers {
    ($($(#[$doc:meta])+ $native:ident => $object:ty;)+) => {$(
        $(#[$doc])+
        #[unsafe(no_mangle)]
        pub extern "system" fn $native<'local>(
            env: ::jni::EnvUnowned<'local>,
            _: ::jni::objects::JClass<'local>,
            handle: ::jni::sys::jlong,
        ) {
            $crate::jvm::entry::hot_entry_unchecked(env, |_| {
                // SAFETY: rule 1, and Java gives it up.
                unsafe { $crate::objects::native_object::dispose::<$object>(handle) }
            })
        }
    )+};
}

/// Writes natives `static native void <setter>(long handle, <type> value)`.
///
/// The first line says what the handle points to. Each other line names the field in its
/// documentation, the native, the value's type in Java and in C, and the C function that stores it,
/// without checks, as upstream's native does. With `by <function>` the value goes through that
/// function first.
macro_rules! setters {
    ($object:ty; $(
        $(#[$doc:meta])+
        $native:ident($java:ty as $c:ty) => $set:ident $(by $convert:path)?;
    )+) => {
        extern "C" {
            $(fn $set(options: *mut $object, value: $c);)+
        }

        $(
            $(#[$doc])+
            #[unsafe(no_mangle)]
            pub extern "system" fn $native<'local>(
                env: ::jni::EnvUnowned<'local>,
                _: ::jni::objects::JClass<'local>,
                handle: ::jni::sys::jlong,
                value: $java,
            ) {
                $crate::jvm::entry::hot_entry_unchecked(env, |_| {
                    let options = $crate::objects::native_object::live::<$object>(handle)?;
                    $(let value = $convert(value);)?
                    // SAFETY: rule 1; the function stores the value.
                    unsafe { $set(options.pointer(), value as $c) };
                    Ok(())
                })
            }
        )+
    };
}

pub(crate) use {copiers, disposers, makers, setters};
