#include "store/recovery.hpp"

#include "base/log.hpp"
#include "store/applier.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/live_faults.hpp"
#include "tape/journal.hpp"
#include "tape/segment.hpp"

#include <fmt/format.h>

#include <set>
#include <system_error>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

constexpr int64_t kGroupRows = 200'000;

class Recovery {
 public:
  explicit Recovery(StoreCore& core) : core_{core}, applier_{core, Session::continued} {}

  void run(JournalPosition applied) {
    find_refused(applied);
    JournalReader reader{core_.location().folder, applied};
    while (std::optional<JournalItem> item = reader.next()) {
      if (const auto* damage = std::get_if<JournalDamage>(&*item)) {
        apply_group();
        note_damage(*damage, reader.position());
        continue;
      }
      const Frame& frame = std::get<Frame>(*item);
      take(frame, reader.position());
      if (rows_ >= kGroupRows) apply_group();
    }
    apply_group();
    note_end(reader.position());
    applier_.close_minutes();
    if (frames_ > 0) log::info("journal: {} frames were applied", frames_);
  }

 private:
  void find_refused(JournalPosition applied) {
    JournalReader reader{core_.location().folder, applied};
    while (std::optional<JournalItem> item = reader.next()) {
      const Frame* const frame = std::get_if<Frame>(&*item);
      if (frame == nullptr || frame->kind != FrameKind::refused) continue;
      const auto content = read_payload(*frame);
      if (content) refused_.insert(std::get<Refusal>(*content).sequence);
    }
  }

  void take(const Frame& frame, JournalPosition position) {
    auto content = read_payload(frame);
    if (!content) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("frame {} of the journal in '{}' cannot be applied: {}; use the "
                              "tapedeck that wrote it, or a newer one",
                              frame.sequence, core_.location().folder.string(), content.error())};
    }
    rows_ += frame.count;
    group_.push_back({.position = position,
                      .ts_recv = frame.ts_recv,
                      .instrument = frame.instrument,
                      .content = refused_.contains(frame.sequence)
                                     ? std::make_shared<const FrameContent>(Refusal{})
                                     : std::make_shared<const FrameContent>(std::move(*content))});
  }

  void apply_group() {
    frames_ += std::ssize(group_);
    try {
      applier_.apply(group_);
    } catch (const Error& error) {
      if (is_of_the_machine(error)) throw;
      for (const PendingFrame& frame : group_)
        apply_one(frame);
    }
    group_.clear();
    rows_ = 0;
  }

  void apply_one(const PendingFrame& frame) {
    try {
      applier_.apply(std::span{&frame, 1});
    } catch (const Error& error) {
      // Whose rows they are is not known.
      if (is_of_the_machine(error) || std::holds_alternative<InstrumentRow>(*frame.content)) throw;
      log::warn("journal: frame {} is not applied: {}", frame.position.sequence, error.what());
      applier_.keep_rejects({{.reason = error.what(),
                              .text = fmt::format("journal frame {}", frame.position.sequence)}});
      applier_.pass_over(frame);
    }
  }

  // What is no frame is not looked at again.
  void note_end(JournalPosition end) {
    core_.write([&](duck::Transaction& transaction) {
      if (applied_position(transaction.connection()) != end) {
        set_applied_position(transaction, end);
      }
    });
  }

  // Which instruments had rows in it cannot be told: the hole behind each one's last row gets the
  // cause, if there is a hole.
  void note_damage(const JournalDamage& damage, JournalPosition behind) {
    const std::string cause = damage.first_sequence && damage.last_sequence
                                  ? fmt::format("journal frames {} to {} are damaged",
                                                *damage.first_sequence, *damage.last_sequence)
                                  : "the journal is damaged";
    applier_.begin_session();
    log::warn("journal: '{}': {}; {}", damage.segment.string(), damage.reason, cause);
    core_.write([&](duck::Transaction& transaction) {
      set_applied_position(transaction, behind);
      for (const Instrument& instrument : core_.catalogue().all()) {
        for (const Grain grain : {Grain::trade, Grain::aggregate}) {
          const auto rows =
              coverage_rows(transaction.connection(), instrument.id, dataset_of(grain));
          if (rows.empty()) continue;
          Timestamp end = rows.front().range.end;
          for (const CoverageRow& row : rows)
            end = std::max(end, row.range.end);
          insert_coverage(transaction, instrument.id,
                          {.dataset = dataset_of(grain),
                           .range = {.begin = end, .end = end},
                           .status = CoverageStatus::gap,
                           .cause = cause,
                           .source = "journal"});
        }
      }
    });
  }

  // Constant after construction
  StoreCore& core_;

  Applier applier_;
  std::set<uint64_t> refused_;
  std::vector<PendingFrame> group_;
  int64_t rows_ = 0;
  int64_t frames_ = 0;
};

bool has_open_minutes(duck::Connection& connection) {
  duck::Result rows = connection.run("SELECT count(*) FROM tape.open_minutes");
  rows.next_row();
  return rows.int64(0) > 0;
}

}  // namespace

bool needs_recovery(StoreCore& core) {
  if (core.location().in_memory()) return false;
  const auto reader = core.borrow_reader();
  if (has_open_minutes(*reader)) return true;
  const JournalPosition applied = applied_position(*reader);
  for (const SegmentFile& segment : segments_in(core.location().folder / "tape")) {
    if (segment.number < applied.segment) continue;
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(segment.path, error);
    if (error) continue;
    const uint64_t known = segment.number == applied.segment ? applied.offset : kSegmentHeaderBytes;
    if (size > known) return true;
  }
  return false;
}

void recover(StoreCore& core) {
  JournalPosition applied;
  {
    const auto reader = core.borrow_reader();
    applied = applied_position(*reader);
  }
  // Cuts off what a crash has torn, and says whose journal it is.
  if (!segments_in(core.location().folder / "tape").empty()) {
    const Journal journal{core.location().folder, core.store_id(), applied, core.journal_options()};
  }
  Recovery{core}.run(applied);
}

}  // namespace tapedeck
