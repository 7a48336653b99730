#include "tape/ledger_payload.hpp"

#include "tape/record_bytes.hpp"

#include <utility>

namespace tapedeck {
namespace {

enum class Tag : uint8_t { create = 1, status = 2, amend = 3, bust = 4 };
std::string_view to_text(Tag tag) {
  return tag >= Tag::create && tag <= Tag::bust ? "known" : "unknown";
}

// Of an entry of a LedgerRows: what follows.
enum class EntryOf : uint8_t { order = 1, fill = 2 };
std::string_view to_text(EntryOf of) {
  return of == EntryOf::order || of == EntryOf::fill ? "known" : "unknown";
}

// The fields of each record in their order: `io` puts or takes them.

template <typename Io, typename Row>
void order_fields(Io& io, Row& row) {
  io(row.order_id, row.client_order_id, row.venue_order_id, row.instrument.venue,
     row.instrument.symbol, row.strategy_id, row.side, row.type, row.time_in_force, row.quantity,
     row.price, row.stop_price, row.status, row.status_message, row.created_at, row.submitted_at,
     row.updated_at, row.filled_at, row.correlation_id, row.parent_order_id, row.extended_hours,
     row.metadata);
}

template <typename Io, typename Row>
void status_fields(Io& io, Row& row) {
  io(row.order_id, row.status, row.at, row.message, row.venue_order_id);
}

template <typename Io, typename Row>
void amendment_fields(Io& io, Row& row) {
  io(row.order_id, row.at, row.quantity, row.price, row.stop_price);
}

template <typename Io, typename Row>
void fill_fields(Io& io, Row& row) {
  io(row.fill_id, row.order_id, row.instrument.venue, row.instrument.symbol, row.strategy_id,
     row.side, row.quantity, row.price, row.executed_at, row.reported_at, row.commission, row.fees,
     row.fee_currency, row.currency, row.liquidity, row.exchange_trade_id, row.correlation_id);
}

template <typename Io, typename Row>
void mark_fields(Io& io, Row& row) {
  io(row.instrument.venue, row.instrument.symbol, row.at, row.price);
}

template <typename Io, typename Row>
void snapshot_fields(Io& io, Row& row) {
  io(row.at, row.kind, row.cash_balance, row.portfolio_value, row.gross_exposure, row.buying_power,
     row.margin_used, row.realised_pnl, row.unrealised_pnl, row.daily_pnl, row.peak_value,
     row.max_drawdown, row.long_positions, row.short_positions, row.metadata);
}

void put_entry(RecordWriter& io, const OrderEntry& entry) {
  if (const auto* const order = std::get_if<Order>(&entry)) {
    io(Tag::create);
    order_fields(io, *order);
  } else if (const auto* const change = std::get_if<StatusChange>(&entry)) {
    io(Tag::status);
    status_fields(io, *change);
  } else {
    io(Tag::amend);
    amendment_fields(io, std::get<OrderAmendment>(entry));
  }
}

OrderEntry take_order_entry(RecordReader& io) {
  Tag tag{};
  io(tag);
  if (tag == Tag::create) {
    Order order;
    order_fields(io, order);
    return order;
  }
  if (tag == Tag::status) {
    StatusChange change;
    status_fields(io, change);
    return change;
  }
  OrderAmendment amendment;
  amendment_fields(io, amendment);
  return amendment;
}

void put_entry(RecordWriter& io, const FillEntry& entry) {
  if (const auto* const fill = std::get_if<Fill>(&entry)) {
    io(Tag::create);
    fill_fields(io, *fill);
  } else if (const auto* const bust = std::get_if<FillBust>(&entry)) {
    io(Tag::bust, bust->fill_id, bust->at, bust->reason);
  } else {
    const auto& amendment = std::get<FillAmendment>(entry);
    io(Tag::amend);
    fill_fields(io, amendment.fill);
    io(amendment.at, amendment.reason);
  }
}

FillEntry take_fill_entry(RecordReader& io) {
  Tag tag{};
  io(tag);
  if (tag == Tag::bust) {
    FillBust bust;
    io(bust.fill_id, bust.at, bust.reason);
    return bust;
  }
  FillAmendment amendment;
  fill_fields(io, amendment.fill);
  if (tag != Tag::amend) return amendment.fill;
  io(amendment.at, amendment.reason);
  return amendment;
}

template <typename Rows, typename TakeEntry>
std::optional<Rows> take_entries(ByteReader& in, size_t count, const TakeEntry& take_entry) {
  Rows rows{.source = in.take_text()};
  RecordReader io{in};
  for (size_t at = 0; at < count; ++at) {
    rows.entries.push_back(take_entry(io));
    if (io.failed()) return std::nullopt;
  }
  return rows;
}

}  // namespace

void put(ByteWriter& out, const OrderRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const OrderEntry& entry : rows.entries)
    put_entry(io, entry);
}

std::optional<OrderRows> take_orders(ByteReader& in, size_t count) {
  return take_entries<OrderRows>(in, count, take_order_entry);
}

void put(ByteWriter& out, const FillRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const FillEntry& entry : rows.entries)
    put_entry(io, entry);
}

std::optional<FillRows> take_fills(ByteReader& in, size_t count) {
  return take_entries<FillRows>(in, count, take_fill_entry);
}

void put(ByteWriter& out, const LedgerRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const LedgerEntry& entry : rows.entries) {
    io(std::holds_alternative<OrderEntry>(entry) ? EntryOf::order : EntryOf::fill);
    std::visit([&](const auto& one) { put_entry(io, one); }, entry);
  }
}

std::optional<LedgerRows> take_ledger(ByteReader& in, size_t count) {
  return take_entries<LedgerRows>(in, count, [](RecordReader& io) -> LedgerEntry {
    EntryOf of{};
    io(of);
    if (of == EntryOf::order) return take_order_entry(io);
    return take_fill_entry(io);
  });
}

void put(ByteWriter& out, const MarkRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const PositionMark& mark : rows.entries)
    mark_fields(io, mark);
}

std::optional<MarkRows> take_marks(ByteReader& in, size_t count) {
  return take_entries<MarkRows>(in, count, [](RecordReader& io) {
    PositionMark mark;
    mark_fields(io, mark);
    return mark;
  });
}

void put(ByteWriter& out, const PortfolioRows& rows) {
  out.put_text(rows.source);
  RecordWriter io{out};
  for (const PortfolioSnapshot& snapshot : rows.entries)
    snapshot_fields(io, snapshot);
}

std::optional<PortfolioRows> take_portfolio(ByteReader& in, size_t count) {
  return take_entries<PortfolioRows>(in, count, [](RecordReader& io) {
    PortfolioSnapshot snapshot;
    snapshot_fields(io, snapshot);
    return snapshot;
  });
}

}  // namespace tapedeck
