// All of Tapedeck.
#pragma once

#include "tapedeck/ingest/fetch.hpp"
#include "tapedeck/ingest/importer.hpp"
#include "tapedeck/market/minute_bar.hpp"
#include "tapedeck/query/bars.hpp"
#include "tapedeck/query/export.hpp"
#include "tapedeck/query/footprints.hpp"
#include "tapedeck/query/given.hpp"
#include "tapedeck/query/rows.hpp"
#include "tapedeck/query/tape.hpp"
#include "tapedeck/query/verify.hpp"
#include "tapedeck/store/schema.hpp"
#include "tapedeck/store/store.hpp"
#include "tapedeck/store/writer.hpp"
