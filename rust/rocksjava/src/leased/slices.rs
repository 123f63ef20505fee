//! Natives of slices.

use crate::leased::macros::leased;

leased! {
    // AbstractSlice
    fn Java_org_rocksdb_AbstractSlice_compare0(handle: [Slice], other_handle: [Slice or 0]) -> jint;
    fn Java_org_rocksdb_AbstractSlice_empty0(handle: [Slice]) -> jboolean;
    fn Java_org_rocksdb_AbstractSlice_size0(handle: [Slice]) -> jint;
    fn Java_org_rocksdb_AbstractSlice_startsWith0(
        handle: [Slice], other_handle: [Slice or 0]
    ) -> jboolean;
    fn Java_org_rocksdb_AbstractSlice_toString0(handle: [Slice], hex: jboolean) -> object;

    // DirectSlice
    fn Java_org_rocksdb_DirectSlice_clear0(
        handle: [Slice], internal_buffer: jboolean, internal_buffer_offset: jlong
    );
    fn Java_org_rocksdb_DirectSlice_data0(handle: [Slice]) -> object;
    fn Java_org_rocksdb_DirectSlice_disposeInternalBuf(
        handle: [Slice], internal_buffer_offset: jlong
    );
    fn Java_org_rocksdb_DirectSlice_get0(handle: [Slice], offset: jint) -> jbyte;
    fn Java_org_rocksdb_DirectSlice_removePrefix0(handle: [Slice], length: jint);
    fn Java_org_rocksdb_DirectSlice_setLength0(handle: [Slice], length: jint);

    // Slice
    fn Java_org_rocksdb_Slice_clear0(
        handle: [Slice], internal_buffer: jboolean, internal_buffer_offset: jlong
    );
    fn Java_org_rocksdb_Slice_data0(handle: [Slice]) -> object;
    fn Java_org_rocksdb_Slice_disposeInternalBuf(handle: [Slice], internal_buffer_offset: jlong);
    fn Java_org_rocksdb_Slice_removePrefix0(handle: [Slice], length: jint);
}
