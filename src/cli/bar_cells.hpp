// Bars as rows of cells: klines as computed, klines as given, and bars of events.
#pragma once

#include "tapedeck/market/instrument.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/given.hpp"
#include "tapedeck/query/rows.hpp"

#include <array>
#include <optional>
#include <vector>

namespace tapedeck {

// time,open,high,low,close,volume,buy_volume,sell_volume,quote_volume,trades,vwap,complete
using KlineCells = std::array<Cell, 12>;
std::vector<Column> kline_columns(const Instrument& instrument);
// Columns of klines as published: their digits are their own.
std::vector<Column> given_kline_columns();

KlineCells kline_cells(const BarAnswer& answer, const Instrument& instrument);
// The venue publishes no vwap: absent.
KlineCells kline_cells(const GivenKline& given);

// Σ price × quantity; for inverse instruments Σ quantity × contract size, absent while the contract
// size is unknown.
std::optional<Decimal> quote_volume(const Bar& bar, const Instrument& instrument);

}  // namespace tapedeck
