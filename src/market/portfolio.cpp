#include "tapedeck/market/portfolio.hpp"

#include "market/words.hpp"

namespace tapedeck {
namespace {

constexpr std::array<Word<SnapshotKind>, 3> kKinds{{{"intraday", SnapshotKind::intraday},
                                                    {"eod", SnapshotKind::eod},
                                                    {"manual", SnapshotKind::manual}}};

}  // namespace

std::string_view to_text(SnapshotKind kind) {
  return word_of(kKinds, kind);
}

std::optional<SnapshotKind> parse_snapshot_kind(std::string_view word) {
  return find_by_word(kKinds, word);
}

std::optional<Amount> leverage(const PortfolioSnapshot& snapshot) {
  if (snapshot.portfolio_value <= Amount{}) return std::nullopt;
  return quotient(snapshot.gross_exposure, snapshot.portfolio_value);
}

}  // namespace tapedeck
