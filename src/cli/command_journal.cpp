#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/say.hpp"
#include "tapedeck/tape/journal_reader.hpp"
#include "tapedeck/tape/payload.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <system_error>

namespace tapedeck {
namespace {

// What a frame says beyond its header, in a few words.
std::string detail_of(const Frame& frame) {
  const auto content = read_payload(frame);
  if (!content) return content.error();
  if (const auto* rows = std::get_if<TradeRows>(&*content)) {
    return fmt::format("{}{}", rows->source, rows->grain == Grain::aggregate ? ", aggregates" : "");
  }
  if (const auto* rows = std::get_if<KlineRows>(&*content)) {
    return fmt::format("{}, {}", rows->source, rows->interval.text());
  }
  if (const auto* rows = std::get_if<OpenInterestRows>(&*content)) return rows->source;
  if (const auto* rows = std::get_if<QuoteRows>(&*content)) return rows->source;
  if (const auto* row = std::get_if<InstrumentRow>(&*content)) return to_text(row->name);
  if (const auto* row = std::get_if<Deletion>(&*content)) {
    return fmt::format("{} before {}{}", to_text(row->kind), to_iso(row->cutoff),
                       row->every_instrument ? ", every instrument" : "");
  }
  if (const auto* row = std::get_if<SettingChange>(&*content)) {
    return row->json ? fmt::format("{} = {}", row->key, *row->json)
                     : fmt::format("{} deleted", row->key);
  }
  if (const auto* row = std::get_if<LoadNote>(&*content)) {
    return fmt::format("{} rows of {} from '{}'", row->rows, row->dataset, row->path);
  }
  if (const auto* row = std::get_if<StatementNote>(&*content)) return row->sql;
  const auto& refusal = std::get<Refusal>(*content);
  return fmt::format("frame {} was not applied: {}", refusal.sequence, refusal.reason);
}

class JournalCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    list_ = app.add_subcommand("list", "the segments: one row a file");
    add_output_options(*list_, output_);
    add_store_options(*list_, store_);
    cat_ = app.add_subcommand("cat", "the frames in the order in which they were acknowledged");
    cat_->add_option("--sequence", sequence_, "from this frame on")->type_name("N");
    cat_->add_option("--from", from_, "received from this time on, UTC")->type_name("TIME");
    cat_->add_option("--kind", kind_, "only frames of this kind, e.g. trades")->type_name("KIND");
    cat_->add_flag("--rows", rows_, "the trades inside, one row each");
    add_output_options(*cat_, output_);
    add_store_options(*cat_, store_);
    verify_ = app.add_subcommand(
        "verify", "read every frame and check it; exit code 3 when bytes are damaged");
    add_store_options(*verify_, store_);
    app.require_subcommand(0, 1);
  }

  int run() override {
    folder_ = store_path(store_);
    std::error_code error;
    if (!std::filesystem::exists(folder_, error)) {
      throw Error{ErrorCode::not_found, fmt::format("there is no store at '{}'", folder_.string())};
    }
    if (list_->parsed()) return list();
    if (cat_->parsed()) return rows_ ? cat_rows() : cat();
    if (verify_->parsed()) return verify();
    throw Error{ErrorCode::invalid_argument, "journal needs one of: list, cat, verify"};
  }

 private:
  int list() const {
    Output output{output_};
    static const std::array<Column, 5> columns{{{"segment", CellType::integer},
                                                {"file"},
                                                {"bytes", CellType::integer},
                                                {"begun", CellType::time},
                                                {"first_sequence", CellType::integer}}};
    output.begin(columns);
    for (const JournalSegment& segment : journal_segments(folder_)) {
      const std::string file = std::filesystem::relative(segment.path, folder_).string();
      const std::array<Cell, 5> cells{
          static_cast<int64_t>(segment.number), std::string_view{file},
          static_cast<int64_t>(segment.bytes),
          segment.created_at ? Cell{*segment.created_at} : Cell{},
          segment.first_sequence ? Cell{static_cast<int64_t>(*segment.first_sequence)} : Cell{}};
      if (output.row(cells) == KeepGoing::stop) break;
    }
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

  JournalReader reader() const {
    JournalReader reader{folder_};
    if (sequence_) reader.skip_to_sequence(*sequence_);
    if (!from_.empty()) {
      const auto time = parse_timestamp(from_);
      if (!time) {
        throw Error{
            ErrorCode::invalid_argument,
            fmt::format("--from must be a time like 2024-08-08T23:54:15, found '{}'", from_)};
      }
      reader.skip_to_time(*time);
    }
    return reader;
  }

  std::optional<FrameKind> wanted_kind() const {
    if (kind_.empty()) return std::nullopt;
    const auto kind = parse_frame_kind(kind_);
    if (!kind) {
      throw Error{
          ErrorCode::invalid_argument,
          fmt::format("--kind must be a kind of frame like trades or load, found '{}'", kind_)};
    }
    return kind;
  }

  // Hands out wanted frames with the name of their instrument.
  template <typename Use>
  void each_frame(Use use) const {
    const std::optional<FrameKind> kind = wanted_kind();
    JournalReader frames = reader();
    std::map<InstrumentId, std::string> names;
    while (const std::optional<JournalItem> item = frames.next()) {
      if (interrupted()) return;
      if (const auto* damage = std::get_if<JournalDamage>(&*item)) {
        say("'{}': {}\n", damage->segment.string(), damage->reason);
        continue;
      }
      const Frame& frame = std::get<Frame>(*item);
      if (frame.kind == FrameKind::instrument) names[frame.instrument] = detail_of(frame);
      if (kind && frame.kind != *kind) continue;
      const auto name = names.find(frame.instrument);
      const std::string number = frame.instrument == InstrumentId{}
                                     ? std::string{}
                                     : std::to_string(static_cast<uint32_t>(frame.instrument));
      if (use(frame, name == names.end() ? number : name->second) == KeepGoing::stop) return;
    }
  }

  int cat() const {
    Output output{output_};
    static const std::array<Column, 7> columns{{{"sequence", CellType::integer},
                                                {"received", CellType::time},
                                                {"kind"},
                                                {"instrument"},
                                                {"rows", CellType::integer},
                                                {"bytes", CellType::integer},
                                                {"detail"}}};
    output.begin(columns);
    each_frame([&](const Frame& frame, const std::string& instrument) {
      const std::string detail = detail_of(frame);
      return output.row(std::array<Cell, 7>{
          static_cast<int64_t>(frame.sequence), frame.ts_recv, to_text(frame.kind),
          std::string_view{instrument}, int64_t{frame.count},
          static_cast<int64_t>(frame.payload.size()), std::string_view{detail}});
    });
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

  int cat_rows() const {
    Output output{output_};
    static const std::array<Column, 8> columns{{{"sequence", CellType::integer},
                                                {"received", CellType::time},
                                                {"instrument"},
                                                {"time", CellType::time},
                                                {"trade_id", CellType::integer},
                                                {"price", CellType::decimal, -kMinExponent},
                                                {"quantity", CellType::decimal, -kMinExponent},
                                                {"side"}}};
    output.begin(columns);
    each_frame([&](const Frame& frame, const std::string& instrument) {
      if (frame.kind != FrameKind::trades) return KeepGoing::go_on;
      const auto content = read_payload(frame);
      if (!content) return KeepGoing::go_on;
      const TradeView trades = std::get<TradeRows>(*content).trades.view();
      for (size_t row = 0; row < trades.rows(); ++row) {
        const Trade trade = trades[row];
        const std::array<Cell, 8> cells{static_cast<int64_t>(frame.sequence),
                                        frame.ts_recv,
                                        std::string_view{instrument},
                                        trade.ts_event,
                                        trade.trade_id ? Cell{*trade.trade_id} : Cell{},
                                        Decimal{trade.price.raw(), trades.scale.price_exp},
                                        Decimal{trade.quantity.raw(), trades.scale.qty_exp},
                                        to_text(trade.side)};
        if (output.row(cells) == KeepGoing::stop) return KeepGoing::stop;
      }
      return KeepGoing::go_on;
    });
    output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

  int verify() const {
    JournalReader frames{folder_};
    int64_t count = 0;
    int64_t rows = 0;
    int64_t damages = 0;
    while (const std::optional<JournalItem> item = frames.next()) {
      if (interrupted()) return kExitInterrupted;
      if (const auto* frame = std::get_if<Frame>(&*item)) {
        ++count;
        if (frame->kind < FrameKind::instrument) rows += frame->count;
        if (const auto content = read_payload(*frame); content) continue;
        ++damages;
        fmt::print("frame {}: {}\n", frame->sequence, detail_of(*frame));
        continue;
      }
      ++damages;
      const auto& damage = std::get<JournalDamage>(*item);
      fmt::print("{}: {}{}\n", damage.segment.string(), damage.reason, lost_frames(damage));
    }
    if (frames.torn_bytes() > 0) {
      say("{} bytes at the end are no whole frame: a crash has torn it, or it is being written\n",
          frames.torn_bytes());
    }
    if (!store_.quiet) {
      say("{} frames with {} rows up to sequence {}, {} damaged\n", count, rows,
          frames.position().sequence, damages);
    }
    return damages > 0 ? kExitVerifyFailed : kExitOk;
  }

  static std::string lost_frames(const JournalDamage& damage) {
    if (!damage.first_sequence || !damage.last_sequence) return {};
    return *damage.first_sequence == *damage.last_sequence
               ? fmt::format(": frame {} is lost", *damage.first_sequence)
               : fmt::format(": frames {} to {} are lost", *damage.first_sequence,
                             *damage.last_sequence);
  }

  StoreChoice store_;
  OutputOptions output_;
  std::filesystem::path folder_;
  std::optional<uint64_t> sequence_;
  std::string from_;
  std::string kind_;
  bool rows_ = false;
  CLI::App* list_ = nullptr;
  CLI::App* cat_ = nullptr;
  CLI::App* verify_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_journal_command() {
  return std::make_unique<JournalCommand>();
}

}  // namespace tapedeck
