package flow

// Settings are the completion settings of a flow: flowCompletionConfigs.
type Settings struct {
	VerifyEmail    bool `json:"verifyEmail,omitempty"`    // isEmailVerificationEnabled
	LockOnCreation bool `json:"lockOnCreation,omitempty"` // isAccountLockOnCreationEnabled
	AutoLogin      bool `json:"autoLogin,omitempty"`      // isAutoLoginEnabled
	Notify         bool `json:"notify,omitempty"`         // isFlowCompletionNotificationEnabled
	CompletionView bool `json:"completionView,omitempty"` // isCompletionViewEnabled
}

// Field returns the setting that the wire name stands for, nil when there is
// none of that name.
func (s *Settings) Field(name string) *bool {
	switch name {
	case "isEmailVerificationEnabled":
		return &s.VerifyEmail
	case "isAccountLockOnCreationEnabled":
		return &s.LockOnCreation
	case "isAutoLoginEnabled":
		return &s.AutoLogin
	case "isFlowCompletionNotificationEnabled":
		return &s.Notify
	case "isCompletionViewEnabled":
		return &s.CompletionView
	}
	return nil
}

// SettingNames returns the wire names of the settings that flows of the type
// support, in the order administrators read them.
func SettingNames(t Type) []string {
	common := []string{"isAutoLoginEnabled", "isFlowCompletionNotificationEnabled", "isCompletionViewEnabled"}
	if t == Registration {
		return append([]string{"isAccountLockOnCreationEnabled", "isEmailVerificationEnabled"}, common...)
	}
	return common
}
