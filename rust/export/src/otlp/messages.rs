//! OTLP's messages, made of the points of a snapshot.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{any_value, AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    metric, number_data_point, AggregationTemporality, ExponentialHistogram,
    ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum,
};
use opentelemetry_proto::tonic::resource::v1;
use prost::Message;
use venice_metrics::model::{self, Value};
use venice_metrics::Kind;

use crate::otlp::delta::Change;
use crate::settings::{Resource, Units};

/// A point of a metric, ready to be sent.
pub(crate) enum DataPoint {
    Number(NumberDataPoint),
    Histogram(HistogramDataPoint),
    Exponential(ExponentialHistogramDataPoint),
}

impl DataPoint {
    /// `change` of a point, until `time_unix_nanos`, with `most_buckets` at most.
    pub(crate) fn new(
        attributes: &[model::Attribute],
        change: &Change,
        time_unix_nanos: u64,
        most_buckets: usize,
    ) -> DataPoint {
        let attributes = attributes.iter();
        let attributes = attributes
            .map(|attribute| pair(attribute.key, &attribute.value))
            .collect();
        let start_time_unix_nano = change.start_unix_nanos;
        let number = |value| NumberDataPoint {
            start_time_unix_nano,
            time_unix_nano: time_unix_nanos,
            value: Some(value),
            ..NumberDataPoint::default()
        };
        let of = |extreme: f64, count: u64| (change.is_first && count > 0).then_some(extreme);
        match &change.value {
            Value::U64(value) => {
                let value = i64::try_from(*value).unwrap_or(i64::MAX);
                let number = number(number_data_point::Value::AsInt(value));
                DataPoint::Number(NumberDataPoint {
                    attributes,
                    ..number
                })
            }
            Value::I64(value) => {
                let number = number(number_data_point::Value::AsInt(*value));
                DataPoint::Number(NumberDataPoint {
                    attributes,
                    ..number
                })
            }
            Value::F64(value) => {
                let number = number(number_data_point::Value::AsDouble(*value));
                DataPoint::Number(NumberDataPoint {
                    attributes,
                    ..number
                })
            }
            // A histogram with the one bucket from minus to plus infinity.
            Value::Summary(summary) => DataPoint::Histogram(HistogramDataPoint {
                attributes,
                start_time_unix_nano,
                time_unix_nano: time_unix_nanos,
                count: summary.count,
                sum: Some(summary.sum),
                bucket_counts: vec![summary.count],
                min: of(summary.min, summary.count),
                max: of(summary.max, summary.count),
                ..HistogramDataPoint::default()
            }),
            Value::Histogram(histogram) => {
                let mut fitted = histogram.clone();
                fitted.fit(most_buckets);
                DataPoint::Exponential(ExponentialHistogramDataPoint {
                    attributes,
                    start_time_unix_nano,
                    time_unix_nano: time_unix_nanos,
                    count: fitted.count,
                    sum: Some(fitted.sum),
                    scale: fitted.scale,
                    zero_count: fitted.zero_count,
                    positive: Some(Buckets {
                        offset: fitted.offset,
                        bucket_counts: fitted.counts,
                    }),
                    min: of(fitted.min, fitted.count),
                    max: of(fitted.max, fitted.count),
                    ..ExponentialHistogramDataPoint::default()
                })
            }
        }
    }

    fn bytes(&self) -> usize {
        // And its tag and length.
        8 + match self {
            DataPoint::Number(point) => point.encoded_len(),
            DataPoint::Histogram(point) => point.encoded_len(),
            DataPoint::Exponential(point) => point.encoded_len(),
        }
    }
}

/// What goes in one request.
pub(crate) struct Batch {
    resource: v1::Resource,
    scope: InstrumentationScope,
    units: Units,
    metrics: Vec<Metric>,
    /// The points, by their indexes in the snapshot: metric, point.
    indexes: Vec<(usize, usize)>,
    bytes: usize,
}

impl Batch {
    pub(crate) fn new(resource: &Resource, scope: &str, units: Units) -> Batch {
        let attributes = resource.attributes();
        Batch {
            resource: v1::Resource {
                attributes: attributes.map(|(key, value)| pair(key, value)).collect(),
                ..v1::Resource::default()
            },
            scope: InstrumentationScope {
                name: scope.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ..InstrumentationScope::default()
            },
            units,
            metrics: Vec::new(),
            indexes: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a point of `metric`, which was not sent as changes if `is_cumulative`.
    pub(crate) fn push(
        &mut self,
        metric: &model::Metric,
        is_cumulative: bool,
        index: (usize, usize),
        point: DataPoint,
    ) {
        self.bytes += point.bytes();
        let is_same = self.indexes.last().is_some_and(|last| last.0 == index.0);
        self.indexes.push(index);
        if !is_same {
            let metric = self.head(metric, is_cumulative, &point);
            self.bytes += metric.encoded_len() + 8;
            self.metrics.push(metric);
        }
        let data = self.metrics.last_mut();
        match (data.and_then(|metric| metric.data.as_mut()), point) {
            (Some(metric::Data::Sum(sum)), DataPoint::Number(point)) => {
                sum.data_points.push(point);
            }
            (Some(metric::Data::Gauge(gauge)), DataPoint::Number(point)) => {
                gauge.data_points.push(point);
            }
            (Some(metric::Data::Histogram(histogram)), DataPoint::Histogram(point)) => {
                histogram.data_points.push(point);
            }
            (Some(metric::Data::ExponentialHistogram(data)), DataPoint::Exponential(point)) => {
                data.data_points.push(point);
            }
            // A metric has values of its kind: see `venice_metrics::model::Value`.
            _ => {}
        }
    }

    fn head(&self, metric: &model::Metric, is_cumulative: bool, point: &DataPoint) -> Metric {
        let temporality = if is_cumulative {
            AggregationTemporality::Cumulative
        } else {
            AggregationTemporality::Delta
        };
        let data = match (point, metric.kind) {
            (DataPoint::Number(_), Kind::Counter | Kind::UpDownCounter) => metric::Data::Sum(Sum {
                data_points: Vec::new(),
                aggregation_temporality: temporality as i32,
                is_monotonic: metric.kind == Kind::Counter,
            }),
            (DataPoint::Number(_), _) => metric::Data::Gauge(Gauge::default()),
            (DataPoint::Histogram(_), _) => metric::Data::Histogram(Histogram {
                data_points: Vec::new(),
                aggregation_temporality: temporality as i32,
            }),
            (DataPoint::Exponential(_), _) => {
                metric::Data::ExponentialHistogram(ExponentialHistogram {
                    data_points: Vec::new(),
                    aggregation_temporality: temporality as i32,
                })
            }
        };
        let unit = match self.units {
            Units::Ucum => metric.unit,
            Units::Venice => metric.instrument.unit().venice(),
        };
        Metric {
            name: metric.name.to_string(),
            description: metric.description.to_owned(),
            unit: unit.to_owned(),
            data: Some(data),
            ..Metric::default()
        }
    }

    /// About as many as [`Batch::encode`] will make.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn indexes(&self) -> &[(usize, usize)] {
        &self.indexes
    }

    /// The body of a request.
    pub(crate) fn encode(&mut self) -> Vec<u8> {
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                resource: Some(self.resource.clone()),
                scope_metrics: vec![ScopeMetrics {
                    scope: Some(self.scope.clone()),
                    metrics: std::mem::take(&mut self.metrics),
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        };
        request.encode_to_vec()
    }

    /// Begins anew.
    pub(crate) fn clear(&mut self) {
        self.metrics.clear();
        self.indexes.clear();
        self.bytes = 0;
    }
}

pub(super) fn pair(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    }
}
