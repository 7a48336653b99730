#include "store/mark_rows.hpp"

#include "duck/row_reader.hpp"
#include "duck/row_writer.hpp"

namespace tapedeck {

std::vector<PositionMark> marks_of(duck::Connection& connection, const InstrumentName& instrument,
                                   Timestamp begin) {
  duck::Result result = connection
                            .prepare(
                                "SELECT \"at\", price FROM ledger.marks WHERE venue = ? AND "
                                "symbol = ? AND \"at\" >= ? ORDER BY \"at\", entry")
                            .bind(1, std::string_view{instrument.venue})
                            .bind(2, std::string_view{instrument.symbol})
                            .bind(3, begin)
                            .run();
  std::vector<PositionMark> marks;
  duck::RowReader in{result};
  while (in.next()) {
    PositionMark mark{.instrument = instrument};
    mark.at = in.take_time();
    mark.price = in.take_amount();
    marks.push_back(std::move(mark));
  }
  return marks;
}

std::optional<Timestamp> newest_mark(duck::Connection& connection,
                                     const InstrumentName& instrument) {
  duck::Result result =
      connection.prepare("SELECT max(\"at\") FROM ledger.marks WHERE venue = ? AND symbol = ?")
          .bind(1, std::string_view{instrument.venue})
          .bind(2, std::string_view{instrument.symbol})
          .run();
  duck::RowReader in{result};
  in.next();
  return in.find_time();
}

void insert_marks(duck::Transaction& transaction, std::span<const MarkRow> rows) {
  if (rows.empty()) return;
  duck::RowWriter out{transaction, "ledger", "marks"};
  for (const MarkRow& row : rows) {
    out.put(row.recorded_at).put(row.source);
    out.put(row.mark.instrument.venue).put(row.mark.instrument.symbol);
    out.put(row.mark.at).put(row.mark.price).put(row.entry);
    out.end_row();
  }
  out.close();
}

}  // namespace tapedeck
