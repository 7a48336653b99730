#include "query/moment.hpp"

#include "temp_store.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

int64_t trades_seen(Reader& reader) {
  duck::Result rows = reader.run("SELECT count(*) FROM tape.trades");
  rows.next_row();
  return rows.int64(0);
}

TEST_CASE("all readers of a moment see it, whatever is written afterwards") {
  Store store{":memory:"};
  const Instrument btc = test::new_instrument(store);
  Writer writer{store};
  writer.append(btc.id, test::run_of(1, 10, 0));
  bool at_once = false;
  const Moment moment{store.core(), 3, [&] { at_once = true; }};
  CHECK(at_once);
  CHECK(moment.readers().size() == 3);
  writer.append(btc.id, test::run_of(11, 10, 1000));
  for (Reader* const reader : moment.readers())
    CHECK(trades_seen(*reader) == 10);
  CHECK(trades_seen(*store.core().borrow_reader()) == 20);
}

TEST_CASE("a moment needs nothing to be done at once") {
  Store store{":memory:"};
  const Moment moment{store.core(), 1, {}};
  CHECK(trades_seen(*moment.readers().front()) == 0);
}

}  // namespace
}  // namespace tapedeck
