// org.rocksdb.Statistics: the handle is a std::shared_ptr<rocksdb::Statistics>*. Rust: statistics.rs.

#include "rocksdb/statistics.h"

#include <bitset>
#include <memory>
#include <type_traits>

#include "classes.h"
#include "monitoring/statistics_impl.h"
#include "status.h"

namespace {

// RocksDB's statistics without some of the histograms, whose operations are then not even timed.
class SelectiveStatistics final : public rocksdb::StatisticsImpl {
 public:
  using Histograms = std::bitset<rocksdb::HISTOGRAM_ENUM_MAX>;

  explicit SelectiveStatistics(const Histograms& enabled)
      : StatisticsImpl(nullptr), enabled_(enabled) {}

  bool HistEnabledForType(uint32_t type) const override {
    return type < enabled_.size() && enabled_[type];
  }

 private:
  const Histograms enabled_;
};

}  // namespace

extern "C" {

// `ignored` are numbers of rocksdb::Histograms.
void venice_statistics_new(const uint32_t* ignored, size_t count, venice_statistics** statistics,
                           venice_status* status) noexcept {
  venice::Guarded(status, [&] {
    SelectiveStatistics::Histograms enabled;
    enabled.set();
    for (size_t i = 0; i < count; i++) {
      if (ignored[i] < enabled.size()) {
        enabled.reset(ignored[i]);
      }
    }
    *statistics = new venice_statistics(std::make_shared<SelectiveStatistics>(enabled));
    return rocksdb::Status::OK();
  });
}

// `ticker` is a number of rocksdb::Tickers, or TICKER_ENUM_MAX, which counts nothing.
uint64_t venice_statistics_ticker(const venice_statistics* statistics, uint32_t ticker) noexcept {
  return (*statistics)->getTickerCount(ticker);
}
}
