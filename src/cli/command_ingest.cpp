#include "cli/cells.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "cli/selection.hpp"
#include "ingest/line_recorder.hpp"
#include "store/reject_rows.hpp"
#include "tapedeck/telemetry/sampler.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::string_view kRejectsFile = "ingest.csv";
// With a piece of input on top still less than the 10,000 rows of a batch.
constexpr int64_t kBatchRows = 5'000;
constexpr size_t kPieceBytes = size_t{64} << 10;
constexpr std::chrono::milliseconds kBatchTime{5};

enum class Input { ready, quiet, ended };

// Waits at most so long; -1 for ever.
Input wait_for_input(int milliseconds) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready = ::poll(&input, 1, milliseconds);
  if (ready < 0 && errno != EINTR) return Input::ended;
  return ready > 0 ? Input::ready : Input::quiet;
}

void print_acknowledgement(uint64_t sequence, int64_t rows) {
  const std::string line = fmt::format("ack {} {}\n", sequence, rows);
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // nobody listens; the rows are stored all the same
    left.remove_prefix(static_cast<size_t>(written));
  }
}

class IngestCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("INSTRUMENT,--instrument", instrument_,
                   "venue:symbol; made when the store does not have it")
        ->type_name("");
    app.add_option("--kind", kind_,
                   "what the lines are: trades (the default), quotes, klines, "
                   "open_interest")
        ->type_name("KIND");
    app.add_option("-f,--format", lines_,
                   "csv (with a header line, as `tapedeck trades` writes it) "
                   "or ndjson; the default is csv")
        ->type_name("FORMAT");
    app.add_option("--source", source_,
                   "where the rows come from, e.g. websocket, rest, backfill, manual, backtest")
        ->type_name("NAME");
    app.add_option("--grain", grain_, "of trades: trade or aggregate")->type_name("GRAIN");
    app.add_option("--interval", interval_, "of klines, e.g. 1m")->type_name("INTERVAL");
    app.add_option("--map", fields_,
                   "a column that is named otherwise, or trade_id= for none; may be repeated")
        ->allow_extra_args(false)
        ->type_name("FIELD=COLUMN");
    app.add_flag("--ignore-extra", ignore_extra_, "pass over columns that are no field");
    app.add_option("--sample", sample_,
                   "store what the store counts of itself as metrics, every so often: 10s, 1m")
        ->type_name("TIME");
    app.add_flag("--new-venue", new_venue_, "add the venue when the store does not know it");
    add_store_options(app, store_);
  }

  int run() override {
    const TableFormat format = format_from_flags();
    const LineFormat lines = lines_from_flags();
    const auto every = sample_time();
    watch_interrupts(OnInterrupt::only_note);
    watch_termination();
    Store store = open_store(store_, OpenMode::create);
    {
      std::optional<StoreSampler> sampler;
      if (every) sampler.emplace(store, SamplerOptions{.every = *every});
      LineRecorder recorder{store, resolved(store, format), lines, append_options(),
                            print_acknowledgement};
      record(store, recorder);
      report(store, recorder);
    }
    if (interrupted()) return kExitInterrupted;
    return rejects_ > 0 ? kExitFailure : kExitOk;
  }

 private:
  TableFormat format_from_flags() const {
    static constexpr std::array<std::string_view, 4> kKinds{"trades", "klines", "quotes",
                                                            "open_interest"};
    TableFormat format;
    format.kind = *parse_data_kind(kKinds[index_of_word("--kind", kind_, kKinds)]);
    format.ignore_extra = ignore_extra_;
    format.new_venue = new_venue_;
    for (const std::string& field : fields_) {
      const size_t equals = field.find('=');
      if (equals == std::string::npos) {
        throw Error{
            ErrorCode::invalid_argument,
            fmt::format("--map must be FIELD=COLUMN, for example price=px; found '{}'", field)};
      }
      format.fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    if (!grain_.empty()) {
      static constexpr std::array<std::string_view, 2> kGrains{"trade", "aggregate"};
      format.grain =
          index_of_word("--grain", grain_, kGrains) == 0 ? Grain::trade : Grain::aggregate;
    }
    if (!interval_.empty()) format.interval = interval_from("--interval", interval_);
    if (format.kind == DataKind::klines) format.source = source_;
    return format;
  }

  LineFormat lines_from_flags() const {
    static constexpr std::array<std::string_view, 2> kFormats{"csv", "ndjson"};
    return index_of_word("--format", lines_, kFormats) == 0 ? LineFormat::csv : LineFormat::ndjson;
  }

  std::optional<std::chrono::milliseconds> sample_time() const {
    if (sample_.empty()) return std::nullopt;
    const auto every =
        std::chrono::duration_cast<std::chrono::milliseconds>(duration_from("--sample", sample_));
    if (every.count() > 0) return every;
    throw Error{ErrorCode::invalid_argument,
                fmt::format("--sample {}: a millisecond is the least", sample_)};
  }

  // A symbol alone is enough where the store knows one such instrument.
  TableFormat resolved(Store& store, TableFormat format) const {
    if (instrument_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "which instrument? name it, for example: tapedeck ingest binance:BTCUSDT"};
    }
    format.instrument = parse_instrument_name(instrument_);
    if (!format.instrument) format.instrument = store.instrument(instrument_).name;
    store.resolve_instrument(*format.instrument, new_venue_ ? NewVenue::add : NewVenue::refuse);
    return format;
  }

  AppendOptions append_options() const {
    AppendOptions options;
    options.source = source_;
    return options;
  }

  void record(const Store& store, LineRecorder& recorder) {
    std::array<char, kPieceBytes> piece{};
    auto batch_began = std::chrono::steady_clock::now();
    while (!interrupted()) {
      recorder.check_failure();
      const bool waiting = recorder.waiting_rows() > 0;
      const Input input = wait_for_input(waiting ? 0 : 200);
      if (input == Input::ended) break;
      if (input == Input::ready) {
        if (!waiting) batch_began = std::chrono::steady_clock::now();
        const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) break;
        recorder.take({piece.data(), static_cast<size_t>(got)});
        keep_rejects(store, recorder);
      }
      // When nothing more is there, or the batch is large or old enough.
      if (recorder.waiting_rows() > 0 &&
          (input == Input::quiet || recorder.waiting_rows() >= kBatchRows ||
           std::chrono::steady_clock::now() - batch_began >= kBatchTime)) {
        recorder.submit();
      }
    }
    recorder.finish();
    keep_rejects(store, recorder);
  }

  void keep_rejects(const Store& store, LineRecorder& recorder) {
    std::vector<RejectRow> rows;
    for (const DecodeError& error : recorder.take_errors()) {
      if (++rejects_ <= kShownRejects && !store_.quiet) {
        say("line {}: {}\n", error.line, error.reason);
      }
      rows.push_back(
          {.file = "stdin", .line = error.line, .reason = error.reason, .text = error.text});
    }
    append_rejects(store.path(), kRejectsFile, rows);
  }

  void report(const Store& store, const LineRecorder& recorder) const {
    if (store_.quiet) return;
    say("{} acknowledged{}\n", plural(recorder.acknowledged_rows(), "row"),
        rejects_ == 0 ? std::string{}
                      : fmt::format(", {} refused: see '{}'", plural(rejects_, "line"),
                                    (store.path() / "rejects" / kRejectsFile).string()));
  }

  static constexpr int64_t kShownRejects = 5;

  StoreChoice store_;
  std::string instrument_;
  std::string kind_ = "trades";
  std::string lines_ = "csv";
  std::string source_ = "stdin";
  std::string grain_;
  std::string interval_;
  std::string sample_;
  std::vector<std::string> fields_;
  bool ignore_extra_ = false;
  bool new_venue_ = false;
  int64_t rejects_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_ingest_command() {
  return std::make_unique<IngestCommand>();
}

}  // namespace tapedeck
