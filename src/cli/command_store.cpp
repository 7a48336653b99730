#include "base/json_text.hpp"
#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/print_rows.hpp"
#include "tapedeck/store/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace tapedeck {
namespace {

class InstrumentsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const Store store = open_store(store_, OpenMode::read);
    Output output{output_};
    static const std::array<Column, 6> columns{{{"instrument"},
                                                {"kind"},
                                                {"tick", CellType::decimal, -kMinExponent},
                                                {"trades", CellType::integer},
                                                {"first", CellType::time},
                                                {"last", CellType::time}}};
    output.begin(columns);
    for (const Instrument& instrument : store.instruments()) {
      const std::optional<TimeRange> stored = stored_range(store, {.instrument = instrument});
      const std::string name = to_text(instrument.name);
      const std::array<Cell, 6> cells{
          std::string_view{name},
          to_text(instrument.kind),
          Decimal{1, instrument.scale.price_exp},
          count_trades(store, instrument.id),
          stored ? Cell{stored->begin} : Cell{},
          stored ? Cell{stored->end - std::chrono::nanoseconds{1}} : Cell{}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
};

class CoverageCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_,
                   "venue:symbol, or a symbol that only one venue has")
        ->type_name("");
    app.add_option("--dataset", dataset_, "trades, aggregates, klines:1m …, open_interest")
        ->type_name("DATASET");
    add_range_options(app, selection_);
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const TimeRange range = parse_selection(selection_).range;
    const Store store = open_store(store_, OpenMode::read);
    const Instrument instrument = chosen_instrument(store, instrument_);
    std::vector<CoverageRow> rows = store.coverage(instrument.id);
    if (!dataset_.empty()) keep_dataset(rows);

    Output output{output_};
    static const std::array<Column, 8> columns{{{"dataset"},
                                                {"begin", CellType::time},
                                                {"end", CellType::time},
                                                {"id_begin", CellType::integer},
                                                {"id_end", CellType::integer},
                                                {"status"},
                                                {"cause"},
                                                {"source"}}};
    output.begin(columns, instrument_member(instrument));
    for (const CoverageRow& row : rows) {
      if (!touches(row.range, range)) continue;
      if (output.row(cells_of(row, range)) == KeepGoing::stop) break;
    }
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

 private:
  // A gap without extent lies at one instant.
  static bool touches(const TimeRange& row, const TimeRange& range) {
    return row.begin == row.end ? range.contains(row.begin) : !intersect(row, range).empty();
  }

  static std::array<Cell, 8> cells_of(const CoverageRow& row, const TimeRange& range) {
    const TimeRange part =
        row.range.begin == row.range.end ? row.range : intersect(row.range, range);
    // Ids belong to the whole row: where it was cut they are not those of its edges.
    return {std::string_view{row.dataset},
            part.begin,
            part.end,
            row.id_begin && part.begin == row.range.begin ? Cell{*row.id_begin} : Cell{},
            row.id_end && part.end == row.range.end ? Cell{*row.id_end} : Cell{},
            to_text(row.status),
            row.cause.empty() ? Cell{} : Cell{std::string_view{row.cause}},
            row.source.empty() ? Cell{} : Cell{std::string_view{row.source}}};
  }

  void keep_dataset(std::vector<CoverageRow>& rows) const {
    std::vector<std::string_view> known;
    for (const CoverageRow& row : rows) {
      if (std::find(known.begin(), known.end(), row.dataset) == known.end()) {
        known.push_back(row.dataset);
      }
    }
    if (known.empty()) return;
    const std::string wanted{known[index_of_word("--dataset", dataset_, known)]};
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [&](const CoverageRow& row) { return row.dataset != wanted; }),
               rows.end());
  }

  StoreChoice store_;
  OutputOptions output_;
  SelectionOptions selection_;
  std::string instrument_;
  std::string dataset_;
};

// Database bytes a stored trade, to one digit; nullopt without trades.
std::optional<Decimal> bytes_per_trade(const StoreStats& stats) {
  if (stats.trades == 0) return std::nullopt;
  return Decimal{divide_half_even(int128{stats.database_bytes}, stats.trades, 1), -1};
}

class StatsCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_flag("--tables", tables_, "the tables with their sizes instead");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    if (tables_) return print_tables(open_store(store_, OpenMode::read));
    const StoreStats stats = open_store(store_, OpenMode::read).stats();
    Output output{output_};
    print_summary(output, stats);
    static const std::array<Column, 6> columns{{{"instrument"},
                                                {"dataset"},
                                                {"rows", CellType::integer},
                                                {"first", CellType::time},
                                                {"last", CellType::time},
                                                {"loads", CellType::integer}}};
    output.begin(columns, summary_json(stats));
    for (const DatasetStats& one : stats.datasets) {
      const bool any = one.rows > 0;
      const std::array<Cell, 6> cells{
          std::string_view{one.instrument}, std::string_view{one.dataset}, one.rows,
          any ? Cell{one.first} : Cell{},   any ? Cell{one.last} : Cell{}, one.loads};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

 private:
  static std::string bytes_text(uint64_t bytes) {
    return fmt::format("{} bytes", grouped(static_cast<int64_t>(bytes)));
  }

  int print_tables(const Store& store) const {
    static const std::array<Column, 5> columns{{{"table"},
                                                {"rows", CellType::integer},
                                                {"bytes", CellType::integer},
                                                {"oldest", CellType::time},
                                                {"newest", CellType::time}}};
    return print_rows(store_, output_, columns, store.table_statistics(),
                      [](const TableStats& one) {
                        CellRow row;
                        row.add(one.table).add(one.rows).add(static_cast<int64_t>(one.bytes));
                        row.add(one.oldest).add(one.newest);
                        return row;
                      });
  }

  static void print_summary(Output& output, const StoreStats& stats) {
    output.note(fmt::format("store            {}", stats.path));
    output.note(fmt::format("schema           {}", stats.schema_version));
    output.note(fmt::format("duckdb           {}", stats.duckdb_version));
    output.note(fmt::format("database         {}", bytes_text(stats.database_bytes)));
    output.note(fmt::format("free in it       {}", bytes_text(stats.free_bytes)));
    output.note(fmt::format("wal              {}", bytes_text(stats.wal_bytes)));
    output.note(fmt::format("trades           {}", grouped(stats.trades)));
    const std::optional<Decimal> per_trade = bytes_per_trade(stats);
    if (per_trade) output.note(fmt::format("bytes a trade    {}", to_text(*per_trade)));
    output.note("");
  }

  static std::string summary_json(const StoreStats& stats) {
    std::string json = "\"path\":";
    append_json_text(json, stats.path);
    json += fmt::format(",\"schema_version\":{},\"duckdb_version\":", stats.schema_version);
    append_json_text(json, stats.duckdb_version);
    json += fmt::format(",\"database_bytes\":{},\"free_bytes\":{},\"wal_bytes\":{},\"trades\":{}",
                        stats.database_bytes, stats.free_bytes, stats.wal_bytes, stats.trades);
    const std::optional<Decimal> per_trade = bytes_per_trade(stats);
    json += ",\"bytes_per_trade\":";
    append_json(json, per_trade ? Cell{*per_trade} : Cell{}, {});
    return json;
  }

  StoreChoice store_;
  OutputOptions output_;
  bool tables_ = false;
};

class OptimizeCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    const OptimizeReport report = open_store(store_, OpenMode::write).optimize();
    static const std::array<Column, 3> columns{
        {{"file"}, {"bytes_before", CellType::integer}, {"bytes", CellType::integer}}};
    struct File {
      std::string_view name;
      uint64_t before;
      uint64_t after;
    };
    const std::array<File, 2> files{
        {{"database", report.database_bytes_before, report.database_bytes},
         {"wal", report.wal_bytes_before, report.wal_bytes}}};
    return print_rows(store_, output_, columns, files, [](const File& file) {
      CellRow row;
      row.add(file.name).add(static_cast<int64_t>(file.before));
      row.add(static_cast<int64_t>(file.after));
      return row;
    });
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Command> make_optimize_command() {
  return std::make_unique<OptimizeCommand>();
}

std::unique_ptr<Command> make_instruments_command() {
  return std::make_unique<InstrumentsCommand>();
}

std::unique_ptr<Command> make_coverage_command() {
  return std::make_unique<CoverageCommand>();
}

std::unique_ptr<Command> make_stats_command() {
  return std::make_unique<StatsCommand>();
}

}  // namespace tapedeck
