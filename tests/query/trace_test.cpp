#include "tapedeck/query/trace.hpp"

#include "ledger/ledger_fixture.hpp"
#include "tapedeck/store/writer.hpp"
#include "tapedeck/telemetry/telemetry.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::amount;
using test::at_ms;
using test::fill_of;
using test::TempStore;

TEST_CASE("one id leads through order, fill, position, tick, metric, log and event") {
  TempStore store;
  const Uuid id = named_uuid("decision");
  const Instrument instrument = store->resolve_instrument(test::kApple, NewVenue::add);
  Writer{*store}.append_ticks(instrument.id,
                              std::vector<Tick>{{.ts_event = at_ms(1),
                                                 .bid_price = {.units = 1500, .exponent = -1},
                                                 .ask_price = {.units = 1501, .exponent = -1},
                                                 .correlation_id = to_text(id)}});
  Ledger ledger{*store};
  const Order order = ledger.create_order({.instrument = test::kApple,
                                           .quantity = amount("100"),
                                           .price = amount("150"),
                                           .client_order_id = "mine",
                                           .created_at = at_ms(2),
                                           .correlation_id = id});
  ledger.update_status(order.order_id, OrderStatus::submitted, {.at = at_ms(3)});
  ledger.record_fill(fill_of(order, "100", "150.50", 4));
  Telemetry telemetry{*store};
  telemetry
      .insert_metric(MetricRecord("order_latency_ms", 42.5)
                         .with_symbol("AAPL")
                         .with_timestamp(at_ms(4))
                         .with_correlation_id(id))
      .get();
  telemetry
      .log({.timestamp = at_ms(5),
            .level = LogLevel::warning,
            .service = "router",
            .message = "slow",
            .correlation_id = id})
      .get();
  SystemEvent event = SystemEvent::error("late");
  event.timestamp = at_ms(6);
  event.component = "feed";
  event.correlation_id = id;
  telemetry.log_event(event).get();
  ledger.create_order({.instrument = test::kApple, .quantity = amount("1")});  // another id

  std::string text;
  for (const TraceEntry& entry : trace(*store, id)) {
    text += std::to_string(to_epoch_ns(entry.at) / 1'000'000) + " " + entry.kind + " " +
            entry.subject + ": " + entry.what + "\n";
  }
  CHECK(text ==
        "1 tick alpaca:AAPL: bid 150, ask 150.1\n"
        "2 order alpaca:AAPL: limit buy 100 at 150 (mine)\n"
        "3 order alpaca:AAPL: submitted (mine)\n"
        "4 order alpaca:AAPL: filled, 100 filled at 150.5 (mine)\n"
        "4 fill alpaca:AAPL: buy 100 at 150.5\n"
        "4 position alpaca:AAPL: long 100 at 150.5, realised 0\n"
        "4 metric order_latency_ms AAPL: 42.5\n"
        "5 log router: warning: slow\n"
        "6 event feed: error: late\n");
  CHECK(trace(*store, named_uuid("none")).empty());
}

}  // namespace
}  // namespace tapedeck
