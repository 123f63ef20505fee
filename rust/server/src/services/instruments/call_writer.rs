//! Where one thread counts the calls of a method, as gRPC's metrics have them.
// #[HotPath]

use std::sync::Arc;

use venice_metrics::{Dimension, Layout, Registry, Writer};
use venice_wire::status::Code;

use crate::services::instruments::layouts::Layouts;

pub(super) struct CallWriter {
    method: &'static str,
    pub(super) ok: Writer,
    /// By status. Few.
    failed: Vec<(Code, Writer)>,
    pub(super) started: Writer,
}

impl CallWriter {
    pub(super) fn new(registry: &Registry, layouts: &Layouts, method: &'static str) -> CallWriter {
        let started = [(Dimension::GrpcMethod, method)];
        let ok = [
            (Dimension::GrpcMethod, method),
            (Dimension::GrpcStatus, "OK"),
        ];
        CallWriter {
            method,
            ok: registry.group(&layouts.grpc.layout, &ok).writer(),
            failed: Vec::new(),
            started: registry.group(&layouts.started.0, &started).writer(),
        }
    }

    pub(super) fn failed(
        &mut self,
        registry: &Registry,
        layout: &Arc<Layout>,
        code: Code,
    ) -> &Writer {
        let known = self.failed.iter().position(|(known, _)| *known == code);
        let at = known.unwrap_or_else(|| {
            let subject = [
                (Dimension::GrpcMethod, self.method),
                (Dimension::GrpcStatus, code.name()),
            ];
            self.failed
                .push((code, registry.group(layout, &subject).writer()));
            self.failed.len() - 1
        });
        &self.failed[at].1
    }
}
