#include "tapedeck/tape/frame.hpp"

#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array<std::pair<FrameKind, std::string_view>, 25> kNames{{
    {FrameKind::trades, "trades"},
    {FrameKind::klines, "klines"},
    {FrameKind::open_interest, "open_interest"},
    {FrameKind::quotes, "quotes"},
    {FrameKind::book_messages, "book_messages"},
    {FrameKind::depth_snapshots, "depth_snapshots"},
    {FrameKind::mark_prices, "mark_prices"},
    {FrameKind::funding_rates, "funding_rates"},
    {FrameKind::liquidations, "liquidations"},
    {FrameKind::orders, "orders"},
    {FrameKind::fills, "fills"},
    {FrameKind::marks, "marks"},
    {FrameKind::metrics, "metrics"},
    {FrameKind::logs, "logs"},
    {FrameKind::events, "events"},
    {FrameKind::portfolio, "portfolio"},
    {FrameKind::ledger, "ledger"},
    {FrameKind::instrument, "instrument"},
    {FrameKind::deletion, "deletion"},
    {FrameKind::upsert, "upsert"},
    {FrameKind::setting, "setting"},
    {FrameKind::load, "load"},
    {FrameKind::schema, "schema"},
    {FrameKind::statement, "statement"},
    {FrameKind::refused, "refused"},
}};

}  // namespace

std::string_view to_text(FrameKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  return "unknown";
}

std::optional<FrameKind> parse_frame_kind(std::string_view word) {
  for (const auto& [known, name] : kNames) {
    if (name == word) return known;
  }
  return std::nullopt;
}

}  // namespace tapedeck
