//! Natives of backups.

use crate::leased::macros::leased;

leased! {
    // BackupEngine
    fn Java_org_rocksdb_BackupEngine_createNewBackup(
        handle: [BackupEngine], db_handle: [RocksDb; long], flush_before_backup: jboolean
    ) throws;
    fn Java_org_rocksdb_BackupEngine_createNewBackupWithMetadata(
        handle: [BackupEngine], db_handle: [RocksDb; long], metadata: object,
        flush_before_backup: jboolean
    ) throws;
    fn Java_org_rocksdb_BackupEngine_deleteBackup(handle: [BackupEngine], backup_id: jint) throws;
    fn Java_org_rocksdb_BackupEngine_garbageCollect(handle: [BackupEngine]) throws;
    fn Java_org_rocksdb_BackupEngine_getBackupInfo(handle: [BackupEngine]) -> object;
    fn Java_org_rocksdb_BackupEngine_getCorruptedBackups(handle: [BackupEngine]) -> object;
    fn Java_org_rocksdb_BackupEngine_open(
        env_handle: [Env], backup_engine_options: [BackupEngineOptions]
    ) -> [new BackupEngine] throws;
    fn Java_org_rocksdb_BackupEngine_purgeOldBackups(
        handle: [BackupEngine], num_backups_to_keep: jint
    ) throws;
    fn Java_org_rocksdb_BackupEngine_restoreDbFromBackup(
        handle: [BackupEngine], backup_id: jint, db_dir: object, wal_dir: object,
        restore_options_handle: [RestoreOptions or 0]
    ) throws;
    fn Java_org_rocksdb_BackupEngine_restoreDbFromLatestBackup(
        handle: [BackupEngine], db_dir: object, wal_dir: object,
        restore_options_handle: [RestoreOptions or 0]
    ) throws;

    // BackupEngineOptions
    fn Java_org_rocksdb_BackupEngineOptions_backupDir(handle: [BackupEngineOptions]) -> object;
    fn Java_org_rocksdb_BackupEngineOptions_backupLogFiles(
        handle: [BackupEngineOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_BackupEngineOptions_backupRateLimit(handle: [BackupEngineOptions]) -> jlong;
    fn Java_org_rocksdb_BackupEngineOptions_callbackTriggerIntervalSize(
        handle: [BackupEngineOptions]
    ) -> jlong;
    fn Java_org_rocksdb_BackupEngineOptions_destroyOldData(
        handle: [BackupEngineOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_BackupEngineOptions_maxBackgroundOperations(
        handle: [BackupEngineOptions]
    ) -> jint;
    fn Java_org_rocksdb_BackupEngineOptions_restoreRateLimit(
        handle: [BackupEngineOptions]
    ) -> jlong;
    fn Java_org_rocksdb_BackupEngineOptions_setBackupEnv(
        handle: [BackupEngineOptions], env_handle: [Env or 0]
    );
    fn Java_org_rocksdb_BackupEngineOptions_setBackupLogFiles(
        handle: [BackupEngineOptions], flag: jboolean
    );
    fn Java_org_rocksdb_BackupEngineOptions_setBackupRateLimit(
        handle: [BackupEngineOptions], rate_limit: jlong
    );
    fn Java_org_rocksdb_BackupEngineOptions_setBackupRateLimiter(
        handle: [BackupEngineOptions], rate_limiter_handle: [RateLimiter or 0]
    );
    fn Java_org_rocksdb_BackupEngineOptions_setCallbackTriggerIntervalSize(
        handle: [BackupEngineOptions], callback_trigger_interval_size: jlong
    );
    fn Java_org_rocksdb_BackupEngineOptions_setDestroyOldData(
        handle: [BackupEngineOptions], flag: jboolean
    );
    fn Java_org_rocksdb_BackupEngineOptions_setInfoLog(
        handle: [BackupEngineOptions], info_log_handle: [Logger or 0]
    );
    fn Java_org_rocksdb_BackupEngineOptions_setMaxBackgroundOperations(
        handle: [BackupEngineOptions], max_background_operations: jint
    );
    fn Java_org_rocksdb_BackupEngineOptions_setRestoreRateLimit(
        handle: [BackupEngineOptions], rate_limit: jlong
    );
    fn Java_org_rocksdb_BackupEngineOptions_setRestoreRateLimiter(
        handle: [BackupEngineOptions], rate_limiter_handle: [RateLimiter or 0]
    );
    fn Java_org_rocksdb_BackupEngineOptions_setShareFilesWithChecksum(
        handle: [BackupEngineOptions], flag: jboolean
    );
    fn Java_org_rocksdb_BackupEngineOptions_setShareTableFiles(
        handle: [BackupEngineOptions], flag: jboolean
    );
    fn Java_org_rocksdb_BackupEngineOptions_setSync(handle: [BackupEngineOptions], flag: jboolean);
    fn Java_org_rocksdb_BackupEngineOptions_shareFilesWithChecksum(
        handle: [BackupEngineOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_BackupEngineOptions_shareTableFiles(
        handle: [BackupEngineOptions]
    ) -> jboolean;
    fn Java_org_rocksdb_BackupEngineOptions_sync(handle: [BackupEngineOptions]) -> jboolean;
}
