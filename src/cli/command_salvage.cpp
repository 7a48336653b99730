#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/say.hpp"
#include "tapedeck/ingest/salvage.hpp"

#include <fmt/format.h>

#include <string>

namespace tapedeck {
namespace {

class SalvageCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("STORE,--store", store_.store,
                   "the store's folder; else TAPEDECK_STORE, else ./tape.deck")
        ->type_name("");
    app.add_flag("-q,--quiet", store_.quiet, "no notes on standard error");
  }

  int run() override {
    const SalvageReport report = salvage(store_path(store_), [&](const std::string& line) {
      if (!store_.quiet) say("{}\n", line);
    });
    if (report.outcome == SalvageOutcome::sound) {
      fmt::print(
          "the store opens and can be read: nothing was done; tapedeck verify compares it "
          "with itself\n");
      return kExitOk;
    }
    fmt::print("{}: {} trades are in it; {} frames were applied, {} files imported again\n",
               report.outcome == SalvageOutcome::rebuilt ? "the store was built again"
                                                         : "the store opens again",
               report.trades, report.frames, report.files);
    fmt::print("the damaged files are kept in '{}'\n", report.kept.string());
    for (const std::string& lost : report.lost)
      fmt::print("not saved: {}\n", lost);
    return report.lost.empty() ? kExitOk : kExitFailure;
  }

 private:
  StoreChoice store_;
};

}  // namespace

std::unique_ptr<Command> make_salvage_command() {
  return std::make_unique<SalvageCommand>();
}

}  // namespace tapedeck
