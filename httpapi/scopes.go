package httpapi

import "slices"

// scopePrefix is how the scopes of management APIs begin.
const scopePrefix = "internal_"

// scopes are those of all management APIs; each API names its own where it
// asks for them.
var scopes = []string{
	"internal_application_mgt_create",
	"internal_application_mgt_delete",
	"internal_application_mgt_update",
	"internal_application_mgt_view",
	"internal_audit_log_view",
	"internal_branding_preference_update",
	"internal_branding_preference_view",
	"internal_claim_meta_create",
	"internal_claim_meta_delete",
	"internal_claim_meta_update",
	"internal_claim_meta_view",
	"internal_flow_extension_create",
	"internal_flow_extension_delete",
	"internal_flow_extension_update",
	"internal_flow_extension_view",
	"internal_flow_mgt_update",
	"internal_flow_mgt_view",
	"internal_idp_create",
	"internal_idp_delete",
	"internal_idp_update",
	"internal_idp_view",
	"internal_message_outbox_delete",
	"internal_message_outbox_update",
	"internal_message_outbox_view",
	"internal_message_template_mgt_update",
	"internal_message_template_mgt_view",
	"internal_offline_invite",
	"internal_server_info_view",
	"internal_user_mgt_create",
	"internal_user_mgt_delete",
	"internal_user_mgt_list",
	"internal_user_mgt_update",
	"internal_user_mgt_view",
}

// Scopes returns every scope that a management API asks for, in order: what an
// application can be authorized for.
func Scopes() []string { return slices.Clone(scopes) }
