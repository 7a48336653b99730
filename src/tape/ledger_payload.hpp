// Entries of the ledger as bytes of a frame.
#pragma once

#include "tape/bytes.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstddef>
#include <optional>

namespace tapedeck {

void put(ByteWriter& out, const OrderRows& rows);
void put(ByteWriter& out, const FillRows& rows);
void put(ByteWriter& out, const MarkRows& rows);
void put(ByteWriter& out, const PortfolioRows& rows);
void put(ByteWriter& out, const LedgerRows& rows);

// nullopt when a value is none that is written; the reader may have failed too.
std::optional<OrderRows> take_orders(ByteReader& in, size_t count);
std::optional<FillRows> take_fills(ByteReader& in, size_t count);
std::optional<MarkRows> take_marks(ByteReader& in, size_t count);
std::optional<PortfolioRows> take_portfolio(ByteReader& in, size_t count);
std::optional<LedgerRows> take_ledger(ByteReader& in, size_t count);

}  // namespace tapedeck
