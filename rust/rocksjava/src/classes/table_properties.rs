//! `org.rocksdb.TableProperties`, as `TablePropertiesJni` of upstream's `portal.h` makes it.

use std::ffi::c_void;

use jni::sys::jvalue;
use jni::{jni_sig, jni_str};
use venice_engine::RawSlice;

use crate::jvm::env::{Jvm, Reference};
use crate::jvm::failure::Failure;
use crate::objects::ffi::{self, RawTableProperties, SstFileReader};
use crate::objects::file_metadata::{int, number};
use crate::objects::handle::Object;
use crate::objects::pinned::{done, owned};

/// Entries of a map, in its order.
type Entries = Vec<(Box<[u8]>, Box<[u8]>)>;

#[derive(Default)]
struct Properties {
    numbers: [u64; 22],
    column_family: Box<[u8]>,
    names: [Box<[u8]>; 6],
    /// Those that the user collected, and the readable ones.
    maps: [Entries; 2],
}

unsafe extern "C" fn set(context: *mut c_void, shown: *const RawTableProperties) {
    // SAFETY: a Properties, lent in `of`, and what C++ shows now.
    unsafe {
        let (properties, shown) = (&mut *context.cast::<Properties>(), &*shown);
        properties.numbers = shown.numbers;
        properties.column_family = owned(shown.column_family);
        properties.names = shown.names.map(|name| owned(name));
    }
}

unsafe extern "C" fn add(context: *mut c_void, map: u8, key: RawSlice, value: RawSlice) {
    // SAFETY: a Properties, lent in `of`, and bytes that C++ shows now.
    unsafe {
        let properties = &mut *context.cast::<Properties>();
        if let Some(map) = properties.maps.get_mut(usize::from(map)) {
            map.push((owned(key), owned(value)));
        }
    }
}

/// The properties of a reader with a file.
pub(crate) fn of(jvm: Jvm<'_>, reader: &Object<SstFileReader>) -> Result<Reference, Failure> {
    let mut properties = Properties::default();
    let context = (&raw mut properties).cast();
    // SAFETY: rules 1 and 3.
    done(unsafe { ffi::venice_sst_reader_table_properties(reader.pointer(), set, add, context) })?;
    let (class, new) = jvm.with_env(|env| {
        let class = env.find_class(jni_str!("org/rocksdb/TableProperties"))?;
        let new = env.get_method_id(
            &class,
            jni_str!("<init>"),
            jni_sig!(
                "(JJJJJJJJJJJJJJJJJJJJJJ[BLjava/lang/String;Ljava/lang/String;Ljava/lang/String;\
                 Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/util/Map;\
                 Ljava/util/Map;)V"
            ),
        )?;
        Ok((class, new))
    })?;
    let mut arguments: Vec<jvalue> = properties.numbers.into_iter().map(number).collect();
    arguments.push(jvalue {
        l: jvm.new_array(&properties.column_family)?.0,
    });
    for name in &properties.names {
        arguments.push(jvalue {
            l: jvm.string_or_null(name)?.0,
        });
    }
    for map in &properties.maps {
        arguments.push(jvalue {
            l: new_map(jvm, map)?.0,
        });
    }
    // SAFETY: the constructor is of that class and has these argument types.
    unsafe { jvm.new_object(class.as_raw(), new.into_raw(), &arguments) }
}

/// A `HashMap<String, String>`; an empty value is null there.
fn new_map(jvm: Jvm<'_>, entries: &Entries) -> Result<Reference, Failure> {
    let (class, new, put) = jvm.with_env(|env| {
        let class = env.find_class(jni_str!("java/util/HashMap"))?;
        let new = env.get_method_id(&class, jni_str!("<init>"), jni_sig!("(I)V"))?;
        let put = env.get_method_id(
            &class,
            jni_str!("put"),
            jni_sig!("(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;"),
        )?;
        Ok((class, new, put))
    })?;
    let capacity = int(i32::try_from(entries.len()).unwrap_or(i32::MAX));
    // SAFETY: the constructor is of that class and takes an int.
    let map = unsafe { jvm.new_object(class.as_raw(), new.into_raw(), &[capacity]) }?;
    for (key, value) in entries {
        let key = jvm.string(key)?;
        let value = jvm.string_or_null(value)?;
        let arguments = [jvalue { l: key.0 }, jvalue { l: value.0 }];
        // SAFETY: the method is of the map's class and takes two objects.
        let before = unsafe { jvm.call_object(&map, put.into_raw(), &arguments) }?;
        jvm.release(before.0);
        jvm.release(key.0);
        jvm.release(value.0);
    }
    jvm.release(class.as_raw());
    Ok(map)
}
