//! Calls of JNI without anything in between, for natives that are called for every key.
//!
//! The `jni` crate checks for pending exceptions, and for null, around each call; here a native knows
//! which of its calls can throw.
// #[HotPath]

use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use jni::objects::{JByteArray, JByteBuffer};
use jni::sys::{self, jint, jobject, jsize};
use jni::{AttachGuard, Env};

use crate::jvm::failure::Failure;

/// Calls a function of JNI's table.
macro_rules! call {
    ($jvm:expr, $function:ident $(, $argument:expr)*) => {
        // SAFETY: rule 2: the environment is the calling thread's, and the arguments are what the
        // JVM passed to the native or gave it since.
        unsafe { ((**$jvm.env).v1_4.$function)($jvm.env $(, $argument)*) }
    };
}

pub(crate) use call;

/// The largest value that a `byte[]` could hold for `JniUtil::createJavaByteArrayWithSizeCheck` of
/// upstream's `portal.h`.
const LARGEST_ARRAY: usize = i32::MAX as usize;

/// The JVM, as the native's own thread sees it.
#[derive(Clone, Copy)]
pub(crate) struct Jvm<'local> {
    /// For [`call`].
    pub(crate) env: *mut sys::JNIEnv,
    _frame: PhantomData<&'local ()>,
}

/// A reference of the native's frame, or null. For results: its default is what Java never sees.
#[repr(transparent)]
pub(crate) struct Reference(pub(crate) jobject);

impl Default for Reference {
    fn default() -> Reference {
        Reference(std::ptr::null_mut())
    }
}

impl<'local> Jvm<'local> {
    /// # Safety
    /// `env` is what the JVM passed to a native that has not returned, on this thread.
    #[inline]
    pub(crate) unsafe fn new(env: *mut sys::JNIEnv) -> Jvm<'local> {
        Jvm {
            env,
            _frame: PhantomData,
        }
    }

    /// Runs what needs the whole of JNI.
    pub(crate) fn with_env<T>(
        self,
        work: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // SAFETY: as `new` was promised.
        let mut guard = unsafe { AttachGuard::from_unowned(self.env) };
        work(guard.borrow_env_mut())
    }

    #[inline]
    pub(crate) fn exception_pending(self) -> bool {
        call!(self, ExceptionCheck)
    }

    /// Copies `length` bytes of an array to where `key.bytes()` shows them. Like `JByteArraySlice`
    /// of upstream's `kv_helper.h`: outside the array is an `ArrayIndexOutOfBoundsException`.
    #[inline]
    pub(crate) fn copy_in<const STACK: usize>(
        self,
        array: &JByteArray<'_>,
        offset: jint,
        length: jint,
        into: &mut Bytes<STACK>,
    ) -> Result<(), Failure> {
        let array = array.as_raw();
        if array.is_null() {
            return Err(Failure::null("byte[]"));
        }
        // The JVM checks offset and length before it copies, also negative ones.
        let room = into.room(usize::try_from(length).unwrap_or(0));
        call!(self, GetByteArrayRegion, array, offset, length, room.cast());
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        // SAFETY: the JVM filled it.
        unsafe { into.filled(length as usize) };
        Ok(())
    }

    /// As [`Jvm::copy_in`], behind the bytes that are there.
    pub(crate) fn append(
        self,
        array: jobject,
        offset: jint,
        length: jint,
        into: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        if array.is_null() {
            return Err(Failure::null("byte[]"));
        }
        let more = usize::try_from(length).unwrap_or(0);
        into.reserve(more);
        let room = into.spare_capacity_mut().as_mut_ptr();
        call!(self, GetByteArrayRegion, array, offset, length, room.cast());
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        // SAFETY: reserved, and filled by the JVM.
        unsafe { into.set_len(into.len() + more) };
        Ok(())
    }

    /// A new object; the constructor is of that class and takes these arguments.
    ///
    /// # Safety
    /// As said.
    pub(crate) unsafe fn new_object(
        self,
        class: sys::jclass,
        constructor: sys::jmethodID,
        arguments: &[sys::jvalue],
    ) -> Result<Reference, Failure> {
        let object = call!(self, NewObjectA, class, constructor, arguments.as_ptr());
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(Reference(object))
    }

    /// A new string of bytes in Java's own encoding, or of whatever RocksDB has in their place.
    pub(crate) fn new_string(self, bytes: &CStr) -> Result<Reference, Failure> {
        let string = call!(self, NewStringUTF, bytes.as_ptr());
        if string.is_null() {
            return Err(Failure::pending());
        }
        Ok(Reference(string))
    }

    /// A new string of bytes that RocksDB holds, up to the first NUL, as C knows strings.
    pub(crate) fn string(self, bytes: &[u8]) -> Result<Reference, Failure> {
        let end = bytes.iter().position(|&byte| byte == 0);
        let text = &bytes[..end.unwrap_or(bytes.len())];
        let text = CString::new(text).map_err(|_| Failure::null("text"))?;
        self.new_string(&text)
    }

    /// As [`Jvm::string`]; null for no bytes.
    pub(crate) fn string_or_null(self, bytes: &[u8]) -> Result<Reference, Failure> {
        if bytes.is_empty() {
            return Ok(Reference::default());
        }
        self.string(bytes)
    }

    /// Calls a method that returns an object, or null.
    ///
    /// # Safety
    /// The method is of the object's class and takes these arguments.
    pub(crate) unsafe fn call_object(
        self,
        object: &Reference,
        method: sys::jmethodID,
        arguments: &[sys::jvalue],
    ) -> Result<Reference, Failure> {
        let result = call!(
            self,
            CallObjectMethodA,
            object.0,
            method,
            arguments.as_ptr()
        );
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(Reference(result))
    }

    /// A new array of objects, all null.
    pub(crate) fn new_objects(
        self,
        class: sys::jclass,
        count: usize,
    ) -> Result<Reference, Failure> {
        let length = jsize::try_from(count).unwrap_or(jsize::MAX);
        let array = call!(self, NewObjectArray, length, class, std::ptr::null_mut());
        if array.is_null() {
            return Err(Failure::pending());
        }
        Ok(Reference(array))
    }

    /// Elements of an array.
    #[inline]
    pub(crate) fn length(self, array: jobject) -> Result<jsize, Failure> {
        if array.is_null() {
            return Err(Failure::null("array"));
        }
        Ok(call!(self, GetArrayLength, array))
    }

    /// A new `byte[]`. What no array can hold is a `RocksDBException`, as in upstream's `portal.h`;
    /// what the JVM has no memory for is its `OutOfMemoryError`.
    #[inline]
    pub(crate) fn new_array(self, bytes: &[u8]) -> Result<Reference, Failure> {
        let array = self.new_array_unchecked(bytes)?;
        // Cannot be: the whole of a new array. But the JVM's checks want to be asked.
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(array)
    }

    /// As [`Jvm::new_array`], for a native that calls nothing of JNI after it: then the JVM itself
    /// looks, and what it asks for between two calls would cost as much as the call.
    #[inline]
    pub(crate) fn new_array_unchecked(self, bytes: &[u8]) -> Result<Reference, Failure> {
        if bytes.len() > LARGEST_ARRAY {
            return Err(Failure::message("Requested array size exceeds VM limit"));
        }
        let length = bytes.len() as jsize;
        let array = call!(self, NewByteArray, length);
        if array.is_null() {
            return Err(Failure::pending());
        }
        let source = bytes.as_ptr().cast();
        call!(self, SetByteArrayRegion, array, 0, length, source);
        Ok(Reference(array))
    }

    /// Copies as much into an array as there is room in the range, and outside the array it is an
    /// `ArrayIndexOutOfBoundsException`. Like `JByteArrayPinnableSlice::Fetch` of upstream's
    /// `kv_helper.h`. The exception is left to the JVM, so the native calls nothing of JNI after it.
    #[inline]
    pub(crate) fn copy_out_unchecked(
        self,
        bytes: &[u8],
        array: &JByteArray<'_>,
        offset: jint,
        room: jint,
    ) -> Result<(), Failure> {
        if array.as_raw().is_null() {
            return Err(Failure::null("byte[]"));
        }
        let length = room.min(jint::try_from(bytes.len()).unwrap_or(jint::MAX));
        let source = bytes.as_ptr().cast();
        call!(
            self,
            SetByteArrayRegion,
            array.as_raw(),
            offset,
            length,
            source
        );
        Ok(())
    }

    /// Address and capacity of a direct buffer; none if it is not direct, or null.
    #[inline]
    pub(crate) fn direct(self, buffer: jobject) -> Option<(*mut u8, usize)> {
        if buffer.is_null() {
            return None;
        }
        let address: *mut u8 = call!(self, GetDirectBufferAddress, buffer).cast();
        let capacity = call!(self, GetDirectBufferCapacity, buffer);
        match usize::try_from(capacity) {
            Ok(capacity) if !address.is_null() => Some((address, capacity)),
            _ => None,
        }
    }

    /// A range of a direct buffer, none if there is no such range; and the buffer's capacity, -1 if
    /// it is not direct.
    #[inline]
    pub(crate) fn direct_or_capacity(
        self,
        buffer: &JByteBuffer<'_>,
        offset: jint,
        length: jint,
    ) -> (Option<*mut [u8]>, i64) {
        let Some((address, capacity)) = self.direct(buffer.as_raw()) else {
            return (None, -1);
        };
        let range = usize::try_from(offset)
            .ok()
            .zip(usize::try_from(length).ok());
        let range = range.filter(|(offset, length)| offset + length <= capacity);
        let range = range.map(|(offset, length)| {
            let start = address.wrapping_add(offset);
            std::ptr::slice_from_raw_parts_mut(start, length)
        });
        (range, capacity as i64)
    }

    /// A range of a direct buffer; `otherwise` is the message of the `RocksDBException` if there is
    /// no such range.
    ///
    /// # Safety
    /// Nobody writes to the buffer during `'b`: Java passed it for the length of the call.
    #[inline]
    pub(crate) unsafe fn direct_range<'b>(
        self,
        buffer: &'b JByteBuffer<'_>,
        offset: jint,
        length: jint,
        otherwise: &'static str,
    ) -> Result<&'b [u8], Failure> {
        let (range, _) = self.direct_or_capacity(buffer, offset, length);
        // SAFETY: within the buffer, which the reference keeps; guaranteed by the caller for writers.
        unsafe { range.map(|range| &*range) }.ok_or_else(|| Failure::message(otherwise))
    }

    /// An element of an array of objects.
    #[inline]
    pub(crate) fn element(self, array: jobject, index: jsize) -> Result<jobject, Failure> {
        let element = call!(self, GetObjectArrayElement, array, index);
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(element)
    }

    /// Sets an element of an array of objects.
    #[inline]
    pub(crate) fn set_element(
        self,
        array: jobject,
        index: jsize,
        element: &Reference,
    ) -> Result<(), Failure> {
        call!(self, SetObjectArrayElement, array, index, element.0);
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(())
    }

    /// Ends a reference before the native does: a frame has room for few.
    #[inline]
    pub(crate) fn release(self, reference: jobject) {
        if !reference.is_null() {
            call!(self, DeleteLocalRef, reference);
        }
    }

    /// The first `count` numbers of an `int[]`.
    pub(crate) fn ints(self, array: jobject, count: usize) -> Result<Vec<jint>, Failure> {
        if array.is_null() {
            return Err(Failure::null("int[]"));
        }
        let mut numbers = vec![0; count];
        let length = jsize::try_from(count).unwrap_or(jsize::MAX);
        call!(
            self,
            GetIntArrayRegion,
            array,
            0,
            length,
            numbers.as_mut_ptr()
        );
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(numbers)
    }

    /// Sets the first numbers of an `int[]`.
    pub(crate) fn set_ints(self, array: jobject, numbers: &[jint]) -> Result<(), Failure> {
        if array.is_null() {
            return Err(Failure::null("int[]"));
        }
        let length = jsize::try_from(numbers.len()).unwrap_or(jsize::MAX);
        call!(self, SetIntArrayRegion, array, 0, length, numbers.as_ptr());
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(())
    }

    /// All numbers of a `long[]`, for example handles.
    pub(crate) fn longs(self, array: jobject) -> Result<Vec<sys::jlong>, Failure> {
        let length = self.length(array)?;
        let mut numbers = vec![0; length as usize];
        call!(
            self,
            GetLongArrayRegion,
            array,
            0,
            length,
            numbers.as_mut_ptr()
        );
        if self.exception_pending() {
            return Err(Failure::pending());
        }
        Ok(numbers)
    }
}

/// Bytes copied out of Java: on the stack if they are at most `STACK`.
pub(crate) struct Bytes<const STACK: usize> {
    stack: [MaybeUninit<u8>; STACK],
    heap: Vec<u8>,
    length: usize,
}

/// A key: those of Venice are short.
pub(crate) type Key = Bytes<512>;
/// A value.
pub(crate) type Value = Bytes<4096>;

impl<const STACK: usize> Bytes<STACK> {
    #[inline]
    pub(crate) fn new() -> Self {
        Bytes {
            stack: [const { MaybeUninit::uninit() }; STACK],
            heap: Vec::new(),
            length: 0,
        }
    }

    /// Room for as many bytes.
    #[inline]
    fn room(&mut self, length: usize) -> *mut u8 {
        self.length = 0;
        if length <= STACK {
            return self.stack.as_mut_ptr().cast();
        }
        self.heap.clear();
        self.heap.reserve(length);
        self.heap.as_mut_ptr()
    }

    /// # Safety
    /// The first `length` bytes of the room, which was asked for `length`, are written.
    #[inline]
    unsafe fn filled(&mut self, length: usize) {
        self.length = length;
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        let start = if self.length <= STACK {
            self.stack.as_ptr().cast()
        } else {
            self.heap.as_ptr()
        };
        // SAFETY: `filled` was told that so many are written, in that place.
        unsafe { std::slice::from_raw_parts(start, self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_bytes_are_on_the_stack_and_long_ones_are_not() {
        for length in [0, 1, 8, 9, 1000, 3] {
            let mut bytes = Bytes::<8>::new();
            for round in 1..3 {
                let room = bytes.room(length);
                // SAFETY: there is room for as many, and they are written.
                unsafe {
                    room.write_bytes(round, length);
                    bytes.filled(length);
                }
                assert_eq!(bytes.bytes(), vec![round; length]);
            }
        }
    }
}
