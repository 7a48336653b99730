// CaptureStore: stores what a capture says, inside one transaction: messages of books through their
// builders, trades and everything else through SeriesStore and its like.
#pragma once

#include "feed/capture_decoder.hpp"
#include "ingest/series_store.hpp"
#include "store/book_load.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tapedeck {

struct CaptureTotals {
  SeriesTotals series;  // of trades, klines, quotes and open interest
  int64_t rows = 0;     // of everything
  std::vector<StreamReport> streams;
};

class CaptureStore {
 public:
  // Core and transaction must outlive it. `facts` goes into every load.
  CaptureStore(StoreCore& core, duck::Transaction& transaction, const LoadFacts& facts);
  ~CaptureStore();

  void add(const CaptureBatch& batch);
  // `rejects` are of the whole capture.
  CaptureTotals finish(int64_t rejects);

 private:
  struct Stream;
  struct Connection;
  struct Symbol;

  void take(const CaptureBatch& batch, const CapturedMessage& message);
  void begin_connection(Connection& connection);
  void check_sequence(Connection& connection, int64_t sequence);
  void lose_streams(Connection& connection, bool only_unnumbered, const std::string& cause);

  Symbol& symbol_of(std::string_view venue, std::string_view symbol);
  void take_book(Connection& connection, const BookMessage& book, std::optional<Timestamp> ts_recv);
  void take_image(Connection& connection, const BookMessage& image,
                  std::optional<Timestamp> ts_recv);
  Stream& stream_of(Connection& connection, const BookMessage& book);

  void take_record(Symbol& symbol, const FeedRecord& record, std::optional<Timestamp> ts_recv);
  void take_trade(Symbol& symbol, const FeedTrade& trade, std::optional<Timestamp> ts_recv);
  void take_trade_alone(Symbol& symbol, const FeedTrade& trade, std::optional<Timestamp> ts_recv);
  void take_kline(Symbol& symbol, const FeedKline& kline);
  void flush_trades(Symbol& symbol);
  void flush_symbol(Symbol& symbol);
  void store_derivatives(Symbol& symbol);
  void describe_instruments();
  void store_load(const Instrument& instrument, const std::string& dataset, int64_t rows,
                  std::optional<TimeRange> range);

  // Constant after construction
  StoreCore& core_;
  duck::Transaction& transaction_;
  LoadFacts facts_;

  std::optional<BookTables> tables_;
  SeriesStore series_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::map<InstrumentName, std::unique_ptr<Symbol>> symbols_;
  std::vector<std::unique_ptr<Stream>> streams_;
  // Of more instruments than are stored, as a rule.
  std::map<InstrumentName, InstrumentFacts> facts_of_instruments_;
  // Images that came before a stream that waits for one.
  std::map<std::string, OwnedBookMessage, std::less<>> early_images_;
  int64_t other_rows_ = 0;
};

}  // namespace tapedeck
